// Verifies a Countersign log folder with software not written by us: golang.org/x/mod/sumdb/note for the checkpoint's
// signature, golang.org/x/mod/sumdb/tlog for tiles, tree and proofs. Standard library otherwise.
//
//	go run main.go <folder> <vkey> [older checkpoint file]
//
// It exits 0 and prints what it established, or exits 1 and says what does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileWidth = 256

func main() {
	if len(os.Args) < 3 {
		fail("usage: main <folder> <vkey> [older checkpoint file]")
	}
	folder, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	check("the verifier key", err)

	tree := readCheckpoint(filepath.Join(folder, "checkpoint"), verifier)
	fmt.Printf("checkpoint signed by %s: %d entries, root %s\n", verifier.Name(), tree.N, tree.Hash)

	// TileHashReader proves every tile it hands out against the root, so what it gives can be trusted.
	hashes := tlog.TileHashReader(tree, &tiles{folder})
	entries := 0
	for n := int64(0); n < tree.N; n += tileWidth {
		for at, entry := range readBundle(folder, n/tileWidth, width(tree.N, n)) {
			checkEntry(tree, hashes, n+int64(at), entry)
			entries++
		}
	}
	fmt.Printf("%d entries included, each by its own proof\n", entries)

	if len(os.Args) > 3 {
		older := readCheckpoint(os.Args[3], verifier)
		proof, err := tlog.ProveTree(tree.N, older.N, hashes)
		check("a consistency proof", err)
		check("consistency with the older checkpoint", tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash))
		fmt.Printf("continues the older checkpoint of %d entries\n", older.N)
	}
}

func checkEntry(tree tlog.Tree, hashes tlog.HashReader, index int64, entry []byte) {
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	check(fmt.Sprintf("a proof of entry %d", index), err)
	err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	check(fmt.Sprintf("entry %d", index), err)
}

// readCheckpoint opens the note and reads C2SP tlog-checkpoint: origin, size, root.
func readCheckpoint(path string, verifier note.Verifier) tlog.Tree {
	data, err := os.ReadFile(path)
	check(path, err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	check("the checkpoint's signature", err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("the checkpoint is not of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check("the checkpoint's size", err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check("the checkpoint's root", err)
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != tlog.HashSize {
		fail("the checkpoint's root is not a hash")
	}
	return tree
}

// tiles reads C2SP tlog-tiles paths, which are those of Go's checksum database without the tile height.
type tiles struct{ folder string }

func (t *tiles) Height() int                         { return 8 }
func (t *tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t *tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil && tile.W < tileWidth {
			// An unfinished tile may be gone once the full one is there; that one begins with it.
			tile.W = tileWidth
			path = strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			data, err = os.ReadFile(filepath.Join(t.folder, path))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// readBundle reads the entries of one bundle: each after its length, a big-endian uint16.
func readBundle(folder string, index, count int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: index, W: int(count)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(folder, path))
	check(path, err)
	var entries [][]byte
	for len(data) > 0 && int64(len(entries)) < count {
		if len(data) < 2 {
			fail(path + " is cut short")
		}
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			fail(path + " is cut short")
		}
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(entries)) != count {
		fail(fmt.Sprintf("%s has %d entries, want %d", path, len(entries), count))
	}
	return entries
}

func width(size, first int64) int64 {
	if size-first < tileWidth {
		return size - first
	}
	return tileWidth
}

func check(what string, err error) {
	if err != nil {
		fail(fmt.Sprintf("%s does not hold: %v", what, err))
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
