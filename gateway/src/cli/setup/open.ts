/** Opens an address in the browser of whoever sits at this terminal. */
import { spawn } from 'node:child_process';

const OPENERS: { readonly [platform: string]: readonly [command: string, ...words: string[]] } = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Never waits for it, and never fails. */
export function openInBrowser(url: string): void {
  const [command, ...words] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...words, url], { detached: true, stdio: 'ignore' });
  // The address is on the screen: without an opener it is opened by hand.
  child.on('error', () => undefined);
  child.unref();
}
