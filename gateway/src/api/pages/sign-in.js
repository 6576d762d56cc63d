// The code stands in the URL's fragment, which is never sent: it leaves this page only when the button is pressed.
// @ts-check
const code = decodeURIComponent(location.hash.slice(1));
// A command line on this machine that waits: challenge, port and state, given by it.
const waiting = new URLSearchParams(location.search).get('cli') ?? '';
// The page somebody came from; the gateway takes none but its own.
const to = new URLSearchParams(location.search).get('to');
// They are to show who they are again, even if the provider still knows them.
const fresh = new URLSearchParams(location.search).has('fresh');
// Out of the address bar and the history at once.
history.replaceState(null, '', location.pathname);

/** @param {string} id */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

const sections = ['providers', 'ready', 'missing', 'done', 'ended'];
/** @param {string} id */
function show(id) {
  for (const each of sections) part(each).hidden = each !== id;
  part('problem').hidden = true;
}

/** @param {string} text */
function complain(text) {
  part('problem').textContent = text;
  part('problem').hidden = false;
}

/**
 * @param {string} path
 * @param {{ body?: object, csrf?: string }} message
 */
async function post(path, { body, csrf }) {
  const headers = new Headers();
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (csrf !== undefined) headers.set('x-countersign-csrf', csrf);
  const response = await fetch(path, {
    method: 'POST',
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (response.status === 204) return {};
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? 'the gateway refused');
  return answer;
}

/** @param {{ name: string, expires_at: number, csrf: string }} session */
function signedIn({ name, expires_at, csrf }) {
  const until = new Date(expires_at);
  part('name').textContent = name;
  part('until').textContent = until.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  part('until').setAttribute('datetime', until.toISOString());
  onPress('out', async () => {
    const { continue_at } = await post('/api/sign-out', { csrf });
    if (continue_at === undefined) show('ended');
    else location.assign(continue_at);
  });
  show('done');
}

/**
 * @param {string} id
 * @param {() => Promise<void>} run
 */
function onPress(id, run) {
  pressed(/** @type {HTMLButtonElement} */ (part(id)), run);
}

/**
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} run
 */
function pressed(button, run) {
  button.onclick = async () => {
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      const unreachable = error instanceof TypeError || !(error instanceof Error);
      complain(unreachable ? 'The gateway cannot be reached. Try again.' : `${error.message}.`);
    } finally {
      button.disabled = false;
    }
  };
}

part('host').textContent = location.host;
onPress('browser', async () => {
  const { person, expires_at, csrf } = await post('/api/sign-in', { body: { code, kind: 'browser' } });
  signedIn({ name: person.name, expires_at, csrf });
});

/** @param {{ id: string, name: string }[]} providers */
function offer(providers) {
  for (const { id, name } of providers) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `Sign in with ${name}`;
    pressed(button, async () => {
      const { url } = await post(`/api/sign-in/providers/${encodeURIComponent(id)}`, {
        body: {
          ...(loopback === undefined ? {} : { loopback }),
          ...(loopback === undefined && to !== null ? { return_to: to } : {}),
          ...(fresh ? { fresh } : {}),
        },
      });
      location.assign(url);
    });
    part('buttons').append(button);
  }
  if (loopback !== undefined) {
    part('title').textContent = 'Sign in the command line';
    part('why').textContent =
      'A command line on this computer waits to be signed in as you. Go on only if you have just run countersign login here.';
    part('other').hidden = true;
  }
  show('providers');
}

const [challenge, port, state, ...more] = waiting.split('.');
const loopback =
  challenge && port && state && more.length === 0 ? { challenge, port: Number(port), state } : undefined;

/** @param {string} path */
async function get(path) {
  const response = await fetch(path).catch(() => undefined);
  return response?.ok ? response.json() : undefined;
}

if (code !== '') show('ready');
else {
  const me = loopback === undefined && !fresh ? await get('/api/me') : undefined;
  if (me === undefined) {
    const providers = (await get('/api/sign-in/providers'))?.items ?? [];
    if (providers.length > 0) offer(providers);
    else show('missing');
  } else signedIn({ name: me.name, expires_at: me.session.expires_at, csrf: me.csrf });
}
