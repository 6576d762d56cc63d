// The code stands in the URL's fragment, which is never sent: it leaves this page only when the button is pressed.
// @ts-check
const code = decodeURIComponent(location.hash.slice(1));
// Out of the address bar and the history at once.
history.replaceState(null, '', location.pathname);

/** @param {string} id */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

const sections = ['ready', 'missing', 'done', 'ended'];
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
    await post('/api/sign-out', { csrf });
    show('ended');
  });
  show('done');
}

/**
 * @param {string} id
 * @param {() => Promise<void>} run
 */
function onPress(id, run) {
  const button = /** @type {HTMLButtonElement} */ (part(id));
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

if (code !== '') show('ready');
else {
  const response = await fetch('/api/me').catch(() => undefined);
  if (response?.ok) {
    const me = await response.json();
    signedIn({ name: me.name, expires_at: me.session.expires_at, csrf: me.csrf });
  } else show('missing');
}
