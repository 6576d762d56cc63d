/**
 * Blocks as a page, close to how Slack's clients draw them: our own drawing, from what is documented and seen of theirs, not
 * Slack's. It shows lengths, order and what stands out; it proves nothing about their fonts or folding. Every word is text.
 */
type Obj = { readonly [key: string]: unknown };

const letters = (text: unknown): string =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As circles: which emoji a machine can draw depends on its fonts. */
const EMOJI: { readonly [name: string]: string } = {
  white_circle: '#c4c4c4',
  large_blue_circle: '#3b88c3',
  large_orange_circle: '#f4900c',
  red_circle: '#dd2e44',
};

const list = (value: unknown): readonly Obj[] => (Array.isArray(value) ? (value as readonly Obj[]) : []);
const obj = (value: unknown): Obj => (typeof value === 'object' && value !== null ? (value as Obj) : {});
const textOf = (value: unknown): string => letters(obj(value)['text'] ?? '');

function inline(each: Obj): string {
  if (each['type'] === 'emoji') {
    const colour = EMOJI[String(each['name'])];
    return colour === undefined
      ? `:${letters(each['name'])}:`
      : `<i class="dot" style="background:${colour}"></i>`;
  }
  if (each['type'] === 'usergroup') return `<span class="mention">@${letters(each['usergroup_id'])}</span>`;
  if (each['type'] === 'date') return `<span class="date">${letters(each['fallback'])}</span>`;
  const { bold, italic, code } = obj(each['style']);
  const text = letters(each['text']);
  const styled = code === true ? `<code>${text}</code>` : text;
  return `<span class="${bold === true ? 'bold' : ''} ${italic === true ? 'italic' : ''}">${styled}</span>`;
}

const inlines = (value: unknown): string => list(value).map(inline).join('');

const RICH: { readonly [type: string]: (each: Obj) => string } = {
  rich_text_section: ({ elements }) => `<div class="line">${inlines(elements)}</div>`,
  rich_text_preformatted: ({ elements }) => `<pre>${inlines(elements)}</pre>`,
  rich_text_quote: ({ elements }) => `<blockquote>${inlines(elements)}</blockquote>`,
  rich_text_list: ({ elements }) =>
    `<ul>${list(elements)
      .map((each) => `<li>${inlines(each['elements'])}</li>`)
      .join('')}</ul>`,
};

const button = ({ text, style }: Obj): string =>
  `<button class="${letters(style ?? '')}">${textOf(text)}</button>`;

const BLOCKS: { readonly [type: string]: (block: Obj) => string } = {
  header: ({ text }) => `<h2>${textOf(text)}</h2>`,
  divider: () => '<hr>',
  section: ({ text, fields, accessory }) =>
    `<div class="section"><div>${text === undefined ? '' : `<div class="line">${textOf(text)}</div>`}${
      fields === undefined
        ? ''
        : `<div class="fields">${list(fields)
            .map((each) => `<div>${textOf(each)}</div>`)
            .join('')}</div>`
    }</div>${accessory === undefined ? '' : button(obj(accessory))}</div>`,
  context: ({ elements }) => `<div class="context">${list(elements).map(textOf).join(' ')}</div>`,
  actions: ({ elements }) => `<div class="actions">${list(elements).map(button).join('')}</div>`,
  rich_text: ({ elements }) =>
    list(elements)
      .map((each) => RICH[String(each['type'])]?.(each) ?? '')
      .join(''),
  input: ({ label, hint }) =>
    `<label>${textOf(label)}</label><textarea></textarea><div class="context">${textOf(hint)}</div>`,
};

export const draw = (blocks: unknown): string =>
  list(blocks)
    .map((block) => `<div class="block">${BLOCKS[String(block['type'])]?.(block) ?? ''}</div>`)
    .join('');

/** Under its own heading: whose drawing it is stands on every picture. */
export const page = (
  name: string,
  drawn: string,
  theme: 'light' | 'dark',
): string => `<!doctype html><meta charset="utf-8">
<style>${STYLE}</style><body class="${theme}"><small>${letters(name)}: blocks drawn by this repository’s own page, not by Slack</small>
<div class="message"><div class="face">CS</div><div><b>Countersign</b> <span class="app">APP</span> <span class="date">9:00 AM</span>${drawn}</div></div>`;

const STYLE = `
body { margin: 0; padding: 16px; font: 15px/1.46 Lato, "Helvetica Neue", Arial, sans-serif; width: 640px }
body.light { background: #fff; color: #1d1c1d } body.dark { background: #1a1d21; color: #d1d2d3 }
small { color: #888; display: block; margin-bottom: 12px }
.message { display: flex; gap: 8px } .face { width: 36px; height: 36px; border-radius: 8px; background: #1f2a37; color: #fff; display: grid; place-items: center; font-size: 12px; flex: none }
.message > div:last-child { min-width: 0; flex: 1 }
.app { background: #8883; border-radius: 2px; font-size: 10px; padding: 1px 3px } .date, .context { color: #808488; font-size: 12px }
.line .date { color: inherit; font-size: inherit } .block { margin: 8px 0 } .line { white-space: pre-wrap; overflow-wrap: anywhere }
.bold { font-weight: 700 } .italic { font-style: italic } h2 { font-size: 18px; margin: 4px 0 }
pre, code { font: 12px/1.5 Monaco, Menlo, monospace; background: #8881; border: 1px solid #8884; border-radius: 4px } pre { padding: 8px; margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere } code { padding: 1px 3px; color: #c01343 }
blockquote { border-left: 4px solid #8886; margin: 4px 0; padding: 0 0 0 12px; white-space: pre-wrap; overflow-wrap: anywhere } ul { margin: 4px 0; padding-left: 24px }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 12px; overflow-wrap: anywhere } .section { display: flex; justify-content: space-between; gap: 12px } .section > div { min-width: 0; flex: 1 }
button { font: 700 13px Lato, Arial, sans-serif; padding: 5px 12px; border: 1px solid #8886; border-radius: 8px; background: transparent; color: inherit; margin-right: 8px } .primary { background: #007a5a; color: #fff } .danger { background: #e01e5a; color: #fff }
.dot { display: inline-block; width: 12px; height: 12px; border-radius: 50% }
.mention { background: #f2c74466; color: #1264a3; border-radius: 3px } .dark .mention { color: #6cb4f0 } textarea { display: block; width: 100%; height: 60px } hr { border: 0; border-top: 1px solid #8884 }`;
