/** Which keys do what. */
import { Key } from '../kit/key.tsx';
import { Facts } from '../kit/layout.tsx';
import { Dialog } from '../kit/over/dialog.tsx';
import { PLACES } from './places.ts';

export type KeysHelpProps = { readonly isOpen: boolean; readonly onClose: () => void };

export function KeysHelp({ isOpen, onClose }: KeysHelpProps) {
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <Facts
        rows={[
          ['Next, previous', <Both key="jk" keys={['j', 'k']} />],
          ['Open', <Key key="enter">Enter</Key>],
          ['Approve, deny', <Both key="ad" keys={['a', 'd']} />],
          ['Search', <Key key="slash">/</Key>],
          ['Back', <Key key="esc">Esc</Key>],
          ...PLACES.map(({ name, key }) => [`Go to ${name}`, <Both key={key} keys={['g', key]} />] as const),
        ]}
      />
    </Dialog>
  );
}

const Both = ({ keys: [one, two] }: { readonly keys: readonly [string, string] }) => (
  <>
    <Key>{one}</Key> <Key>{two}</Key>
  </>
);
