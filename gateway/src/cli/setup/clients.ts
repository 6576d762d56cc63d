/** How an MCP client is pointed at the gateway: text to paste. The key appears here once, because nobody can see it again. */
export type ClientSetup = { readonly url: string; readonly upstream: string; readonly key: string };

export const claudeCommand = ({ url, upstream, key }: ClientSetup): string =>
  `claude mcp add --transport http ${upstream} ${url}/mcp/${upstream} --header "Authorization: Bearer ${key}"`;

/** Cursor, VS Code, Windsurf and others that speak Streamable HTTP. */
export const clientJson = ({ url, upstream, key }: ClientSetup): string =>
  JSON.stringify(
    {
      mcpServers: {
        [upstream]: { url: `${url}/mcp/${upstream}`, headers: { Authorization: `Bearer ${key}` } },
      },
    },
    null,
    2,
  );
