/** What the demo's provider shows: who to be. It says on every page what it is, so that nobody takes it for more. */

export type Account = {
  /** Of the button. */
  readonly id: string;
  readonly sub: string;
  readonly name: string;
  readonly groups: readonly string[];
};

/** What the rule of the demo asks for. */
export const REVIEWERS_GROUP = 'reviewers';
export const STAFF_GROUP = 'staff';

/** One person, as two providers' records of her: only the second may review. */
export const ACCOUNTS: readonly Account[] = [
  { id: 'reviewers', sub: 'rita', name: 'Rita', groups: [STAFF_GROUP, REVIEWERS_GROUP] },
  { id: 'staff', sub: 'rita', name: 'Rita', groups: [STAFF_GROUP] },
];

const button = ({ id, name, groups }: Account): string =>
  `<button name="as" value="${id}">${name} (${groups.at(-1)})</button>
      <p>Her token says groups: ${groups.join(', ')}.</p>`;

/** `flow` is base64url. */
export const choicePage = (flow: string): Response =>
  page(
    200,
    `<h1>Who are you today?</h1>
    <form method="post" action="/authorize">
      <input type="hidden" name="flow" value="${flow}">
      ${ACCOUNTS.map(button).join('\n      ')}
    </form>`,
  );

/** A sentence of ours. */
export const refusalPage = (why: string): Response => page(400, `<h1>Not signed in</h1><p>${why}</p>`);

const STYLE = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 12vh auto; padding: 0 1rem }
h1 { font-size: 1.4rem } .who { opacity: .75 } p { margin: .25rem 0 1.25rem }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; min-width: 16rem; border-radius: .4rem; border: 1px solid; cursor: pointer }`;

// Without form-action: browsers would hold the redirect back to the gateway against it.
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const page = (status: number, main: string): Response =>
  new Response(
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>The demo’s provider</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <p class="who">The demo’s own OpenID provider. It asks for no password, runs on this machine, and ends with the demo.</p>
    ${main}
  </body>
</html>
`,
    { status, headers: HEADERS },
  );
