/**
 * What Slack refuses in blocks, by its public reference (docs.slack.dev/reference/block-kit): shapes, lengths, counts, and
 * which block may stand where. Each fault is said as Slack says it, with a pointer into the JSON.
 */
type Json = unknown;
type Obj = { readonly [key: string]: Json };
export type Surface = 'message' | 'modal' | 'home';

export const BLOCKS_MAX: { readonly [S in Surface]: number } = { message: 50, modal: 100, home: 100 };

export function blockFaults(blocks: Json, surface: Surface, at = '/blocks'): readonly string[] {
  const faults: string[] = [];
  const fault = (pointer: string, text: string): void =>
    void faults.push(`[ERROR] ${text} [json-pointer:${pointer}]`);
  if (!Array.isArray(blocks)) return ['[ERROR] must be an array [json-pointer:/blocks]'];
  if (blocks.length > BLOCKS_MAX[surface]) fault(at, `no more than ${BLOCKS_MAX[surface]} items allowed`);
  const ids = new Set<string>();
  const actions = new Set<string>();
  for (const [index, block] of blocks.entries())
    checkBlock({ fault, surface, ids, actions }, block, `${at}/${index}`);
  return faults;
}

type Check = {
  readonly fault: (pointer: string, text: string) => void;
  readonly surface: Surface;
  readonly ids: Set<string>;
  readonly actions: Set<string>;
};

const isObject = (value: Json): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Exactly these keys; `needed` of them must be there. */
function shape(
  check: Check,
  value: Json,
  rule: { at: string; needed: readonly string[]; allowed: readonly string[] },
): value is Obj {
  if (!isObject(value)) {
    check.fault(rule.at, 'must be an object');
    return false;
  }
  for (const key of rule.needed)
    if (value[key] === undefined) check.fault(rule.at, `missing required field: ${key}`);
  for (const key of Object.keys(value))
    if (![...rule.needed, ...rule.allowed].includes(key))
      check.fault(`${rule.at}/${key}`, `unsupported property: ${key}`);
  return true;
}

function length(check: Check, value: Json, rule: { at: string; most: number; least?: number }): void {
  const { at, most, least = 1 } = rule;
  if (typeof value !== 'string') check.fault(at, 'must be a string');
  else if (value.length < least) check.fault(at, `must be more than ${least - 1} characters`);
  else if (value.length > most) check.fault(at, `must be less than ${most + 1} characters`);
}

function text(check: Check, value: Json, rule: { at: string; most: number; plain?: boolean }): void {
  if (!shape(check, value, { at: rule.at, needed: ['type', 'text'], allowed: ['emoji', 'verbatim'] })) return;
  const types = rule.plain === true ? ['plain_text'] : ['plain_text', 'mrkdwn'];
  if (!types.includes(String(value['type'])))
    check.fault(`${rule.at}/type`, `must be one of ${types.join(', ')}`);
  if (value['type'] === 'mrkdwn' && value['emoji'] !== undefined)
    check.fault(`${rule.at}/emoji`, 'unsupported property: emoji');
  if (value['type'] === 'plain_text' && value['verbatim'] !== undefined)
    check.fault(`${rule.at}/verbatim`, 'unsupported property: verbatim');
  length(check, value['text'], { at: `${rule.at}/text`, most: rule.most });
}

function listOf(check: Check, value: Json, rule: { at: string; most: number }): readonly Json[] {
  if (!Array.isArray(value)) {
    check.fault(rule.at, 'must be an array');
    return [];
  }
  if (value.length < 1) check.fault(rule.at, 'no fewer than 1 items allowed');
  if (value.length > rule.most) check.fault(rule.at, `no more than ${rule.most} items allowed`);
  return value;
}

const BLOCKS: {
  readonly [type: string]: {
    needed: readonly string[];
    allowed: readonly string[];
    on?: readonly Surface[];
    check(check: Check, block: Obj, at: string): void;
  };
} = {
  header: {
    needed: ['text'],
    allowed: ['level'],
    check: (check, { text: of }, at) => text(check, of, { at: `${at}/text`, most: 150, plain: true }),
  },
  divider: { needed: [], allowed: [], check: () => undefined },
  section: { needed: [], allowed: ['text', 'fields', 'accessory', 'expand'], check: section },
  context: {
    needed: ['elements'],
    allowed: [],
    check(check, block, at) {
      for (const [index, each] of listOf(check, block['elements'], {
        at: `${at}/elements`,
        most: 10,
      }).entries())
        text(check, each, { at: `${at}/elements/${index}`, most: 3000 });
    },
  },
  actions: {
    needed: ['elements'],
    allowed: [],
    check(check, block, at) {
      for (const [index, each] of listOf(check, block['elements'], {
        at: `${at}/elements`,
        most: 25,
      }).entries())
        button(check, each, `${at}/elements/${index}`);
    },
  },
  input: {
    needed: ['label', 'element'],
    allowed: ['hint', 'optional', 'dispatch_action'],
    on: ['modal', 'message', 'home'],
    check: input,
  },
  rich_text: {
    needed: ['elements'],
    allowed: [],
    check(check, block, at) {
      for (const [index, each] of listOf(check, block['elements'], {
        at: `${at}/elements`,
        most: 200,
      }).entries())
        rich(check, each, `${at}/elements/${index}`);
    },
  },
};

function checkBlock(check: Check, block: Json, at: string): void {
  const type = isObject(block) ? String(block['type']) : '';
  const known = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined;
  if (known === undefined) {
    check.fault(`${at}/type`, `unsupported type: ${type}`);
    return;
  }
  if (
    !shape(check, block, { at, needed: ['type', ...known.needed], allowed: ['block_id', ...known.allowed] })
  )
    return;
  if (known.on !== undefined && !known.on.includes(check.surface))
    check.fault(`${at}/type`, `unsupported type: ${type}`);
  const id = block['block_id'];
  if (id !== undefined) {
    length(check, id, { at: `${at}/block_id`, most: 255 });
    if (check.ids.has(String(id)))
      check.fault(`${at}/block_id`, `\`block_id\` "${String(id)}" already exists`);
    check.ids.add(String(id));
  }
  known.check(check, block, at);
}

function section(check: Check, block: Obj, at: string): void {
  if (block['text'] === undefined && block['fields'] === undefined)
    check.fault(at, 'must define either `text` or `fields`');
  if (block['text'] !== undefined) text(check, block['text'], { at: `${at}/text`, most: 3000 });
  if (block['fields'] !== undefined)
    for (const [index, each] of listOf(check, block['fields'], { at: `${at}/fields`, most: 10 }).entries())
      text(check, each, { at: `${at}/fields/${index}`, most: 2000 });
  if (block['accessory'] !== undefined) button(check, block['accessory'], `${at}/accessory`);
}

function button(check: Check, value: Json, at: string): void {
  const allowed = ['action_id', 'url', 'value', 'style', 'confirm', 'accessibility_label'];
  if (!shape(check, value, { at, needed: ['type', 'text'], allowed })) return;
  if (value['type'] !== 'button') {
    check.fault(`${at}/type`, `unsupported type: ${String(value['type'])}`);
    return;
  }
  text(check, value['text'], { at: `${at}/text`, most: 75, plain: true });
  if (value['value'] !== undefined) length(check, value['value'], { at: `${at}/value`, most: 2000 });
  if (value['accessibility_label'] !== undefined)
    length(check, value['accessibility_label'], { at: `${at}/accessibility_label`, most: 75 });
  if (value['style'] !== undefined && !['primary', 'danger'].includes(String(value['style'])))
    check.fault(`${at}/style`, 'must be one of primary, danger');
  if (value['url'] !== undefined) {
    length(check, value['url'], { at: `${at}/url`, most: 3000 });
    if (URL.parse(String(value['url'])) === null) check.fault(`${at}/url`, 'must be a valid URL');
  }
  if (value['confirm'] !== undefined) confirm(check, value['confirm'], `${at}/confirm`);
  const id = value['action_id'];
  if (id === undefined) return;
  length(check, id, { at: `${at}/action_id`, most: 255 });
  if (check.actions.has(String(id)))
    check.fault(`${at}/action_id`, `\`action_id\` "${String(id)}" already exists`);
  check.actions.add(String(id));
}

function confirm(check: Check, value: Json, at: string): void {
  if (!shape(check, value, { at, needed: ['title', 'text', 'confirm', 'deny'], allowed: ['style'] })) return;
  for (const [key, most] of [
    ['title', 100],
    ['text', 300],
    ['confirm', 30],
    ['deny', 30],
  ] as const)
    text(check, value[key], { at: `${at}/${key}`, most, plain: true });
}

function input(check: Check, block: Obj, at: string): void {
  text(check, block['label'], { at: `${at}/label`, most: 2000, plain: true });
  if (block['hint'] !== undefined) text(check, block['hint'], { at: `${at}/hint`, most: 2000, plain: true });
  const element = block['element'];
  const allowed = [
    'action_id',
    'multiline',
    'min_length',
    'max_length',
    'placeholder',
    'initial_value',
    'focus_on_load',
  ];
  if (!shape(check, element, { at: `${at}/element`, needed: ['type'], allowed })) return;
  if (element['type'] !== 'plain_text_input')
    check.fault(`${at}/element/type`, `unsupported type: ${String(element['type'])}`);
  const most = element['max_length'];
  if (most !== undefined && !(typeof most === 'number' && most >= 1 && most <= 3000))
    check.fault(`${at}/element/max_length`, 'must be at most 3000');
}

const INLINE: { readonly [type: string]: { needed: readonly string[]; allowed: readonly string[] } } = {
  text: { needed: ['text'], allowed: ['style'] },
  emoji: { needed: ['name'], allowed: ['unicode'] },
  usergroup: { needed: ['usergroup_id'], allowed: ['style'] },
  user: { needed: ['user_id'], allowed: ['style'] },
  channel: { needed: ['channel_id'], allowed: ['style'] },
  broadcast: { needed: ['range'], allowed: [] },
  link: { needed: ['url'], allowed: ['text', 'unsafe', 'style'] },
  date: { needed: ['timestamp', 'format'], allowed: ['url', 'fallback', 'style'] },
};

function rich(check: Check, value: Json, at: string): void {
  const type = isObject(value) ? String(value['type']) : '';
  const of = {
    rich_text_section: undefined,
    rich_text_preformatted: ['text', 'link'],
    rich_text_quote: undefined,
  }[type];
  if (type === 'rich_text_list') {
    richList(check, value, at);
    return;
  }
  if (!['rich_text_section', 'rich_text_preformatted', 'rich_text_quote'].includes(type)) {
    check.fault(`${at}/type`, `unsupported type: ${type}`);
    return;
  }
  if (
    !shape(check, value, {
      at,
      needed: ['type', 'elements'],
      allowed: type === 'rich_text_section' ? [] : ['border'],
    })
  )
    return;
  for (const [index, each] of listOf(check, value['elements'], {
    at: `${at}/elements`,
    most: 1000,
  }).entries())
    inline(check, each, { at: `${at}/elements/${index}`, types: of });
}

function richList(check: Check, value: Json, at: string): void {
  if (
    !shape(check, value, {
      at,
      needed: ['type', 'elements', 'style'],
      allowed: ['indent', 'offset', 'border'],
    })
  )
    return;
  if (!['bullet', 'ordered'].includes(String(value['style'])))
    check.fault(`${at}/style`, 'must be one of bullet, ordered');
  for (const [index, each] of listOf(check, value['elements'], {
    at: `${at}/elements`,
    most: 200,
  }).entries()) {
    if (!isObject(each) || each['type'] !== 'rich_text_section')
      check.fault(`${at}/elements/${index}/type`, 'must be rich_text_section');
    else rich(check, each, `${at}/elements/${index}`);
  }
}

function inline(check: Check, value: Json, rule: { at: string; types: readonly string[] | undefined }): void {
  const type = isObject(value) ? String(value['type']) : '';
  const known =
    Object.hasOwn(INLINE, type) && (rule.types?.includes(type) ?? true) ? INLINE[type] : undefined;
  if (known === undefined) {
    check.fault(`${rule.at}/type`, `unsupported type: ${type}`);
    return;
  }
  if (!shape(check, value, { at: rule.at, needed: ['type', ...known.needed], allowed: known.allowed }))
    return;
  if (type === 'text') length(check, value['text'], { at: `${rule.at}/text`, most: 10_000 });
  if (type === 'date' && !Number.isInteger(value['timestamp']))
    check.fault(`${rule.at}/timestamp`, 'must be an integer');
  if (type === 'date' && !/\{\w+\}/.test(String(value['format'])))
    check.fault(`${rule.at}/format`, 'must contain a token');
  if (type === 'emoji' && !/^[a-z0-9_+-]+$/.test(String(value['name'])))
    check.fault(`${rule.at}/name`, 'must be the name of an emoji');
  const style = value['style'];
  if (isObject(style))
    for (const key of Object.keys(style))
      if (!['bold', 'italic', 'strike', 'code', 'underline'].includes(key))
        check.fault(`${rule.at}/style/${key}`, `unsupported property: ${key}`);
}

export function viewFaults(view: Json): readonly string[] {
  if (!isObject(view)) return ['[ERROR] must be an object [json-pointer:/view]'];
  const faults: string[] = [];
  const fault = (pointer: string, of: string): void =>
    void faults.push(`[ERROR] ${of} [json-pointer:${pointer}]`);
  const check: Check = {
    fault,
    surface: view['type'] === 'home' ? 'home' : 'modal',
    ids: new Set(),
    actions: new Set(),
  };
  const type = view['type'];
  if (type !== 'modal' && type !== 'home') return ['[ERROR] unsupported type [json-pointer:/view/type]'];
  const allowed = [
    'callback_id',
    'private_metadata',
    'external_id',
    ...(type === 'modal' ? ['submit', 'close', 'clear_on_close', 'notify_on_close'] : []),
  ];
  shape(check, view, {
    at: '/view',
    needed: ['type', 'blocks', ...(type === 'modal' ? ['title'] : [])],
    allowed,
  });
  for (const key of ['title', 'submit', 'close'])
    if (view[key] !== undefined) text(check, view[key], { at: `/view/${key}`, most: 24, plain: true });
  if (view['private_metadata'] !== undefined)
    length(check, view['private_metadata'], { at: '/view/private_metadata', most: 3000, least: 0 });
  if (view['callback_id'] !== undefined)
    length(check, view['callback_id'], { at: '/view/callback_id', most: 255 });
  const blocks = view['blocks'];
  if (
    Array.isArray(blocks) &&
    blocks.some((each) => isObject(each) && each['type'] === 'input') &&
    type === 'modal' &&
    view['submit'] === undefined
  )
    fault('/view/submit', 'missing required field: submit');
  return [...faults, ...blockFaults(blocks, check.surface, '/view/blocks')];
}

/** Every word a person reads, in order. */
export function wordsOf(value: Json): string {
  if (Array.isArray(value))
    return value
      .map(wordsOf)
      .filter((each) => each !== '')
      .join('\n');
  if (!isObject(value)) return '';
  if (value['type'] === 'emoji') return `:${String(value['name'])}:`;
  if (value['type'] === 'date') return String(value['fallback'] ?? '');
  if (value['type'] === 'usergroup') return `@${String(value['usergroup_id'])}`;
  if (value['type'] === 'rich_text_section')
    return (value['elements'] as readonly Json[]).map(wordsOf).join('');
  if (typeof value['text'] === 'string') return value['text'];
  const parts = [
    value['title'],
    value['text'],
    value['fields'],
    value['elements'],
    value['accessory'],
    value['confirm'],
    value['deny'],
    value['label'],
    value['hint'],
    value['blocks'],
  ];
  return parts
    .map(wordsOf)
    .filter((each) => each !== '')
    .join('\n');
}
