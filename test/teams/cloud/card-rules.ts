/**
 * What Teams takes for an Adaptive Card from a bot: version 1.5 of the published schema for the elements bots use, and
 * Teams' own limits (universal actions, user-specific views, formatting). Everything it does not know it refuses, as a
 * counterpart that is laxer than the service proves nothing.
 */
type Rule = (value: unknown, at: string, found: Found) => void;
type Found = { readonly problems: string[]; readonly ids: Set<string>; depth: number };
type Fields = { readonly [name: string]: Rule | { readonly required: Rule } };

const complain = (found: Found, at: string, what: string): void => void found.problems.push(`${at}: ${what}`);

const text: Rule = (value, at, found) => {
  if (typeof value !== 'string') complain(found, at, 'must be text');
};
const flag: Rule = (value, at, found) => {
  if (typeof value !== 'boolean') complain(found, at, 'must be true or false');
};
const whole: Rule = (value, at, found) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) complain(found, at, 'must be a whole number');
};
/** The schema's enumerations are matched without regard to case. */
const oneOf =
  (...names: readonly string[]): Rule =>
  (value, at, found) => {
    if (typeof value !== 'string' || !names.some((name) => name.toLowerCase() === value.toLowerCase()))
      complain(found, at, `must be one of ${names.join(', ')}`);
  };
const url: Rule = (value, at, found) => {
  const parsed = typeof value === 'string' ? URL.parse(value) : null;
  if (parsed === null || !/^(https?|mailto|msteams):$/.test(parsed.protocol))
    complain(found, at, 'must be a URL');
};
const list =
  (of: Rule, most = Number.POSITIVE_INFINITY): Rule =>
  (value, at, found) => {
    if (!Array.isArray(value)) return complain(found, at, 'must be a list');
    if (value.length > most) complain(found, at, `has ${value.length}; at most ${most}`);
    for (const [index, each] of value.entries()) of(each, `${at}[${index}]`, found);
  };
const plainObject: Rule = (value, at, found) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    complain(found, at, 'must be an object');
};
const need = (required: Rule) => ({ required });

const SPACING = oneOf('default', 'none', 'small', 'medium', 'large', 'extraLarge', 'padding');
const COLOR = oneOf('default', 'dark', 'light', 'accent', 'good', 'warning', 'attention');
const SIZE = oneOf('default', 'small', 'medium', 'large', 'extraLarge');
const WEIGHT = oneOf('default', 'lighter', 'bolder');
const FONT = oneOf('default', 'monospace');
const ALIGN = oneOf('left', 'center', 'right');
const STYLE = oneOf('default', 'emphasis', 'good', 'attention', 'warning', 'accent');

const ELEMENT: Fields = {
  id: text,
  isVisible: flag,
  separator: flag,
  spacing: SPACING,
  height: oneOf('auto', 'stretch'),
};
const RUN: Fields = { color: COLOR, fontType: FONT, isSubtle: flag, size: SIZE, weight: WEIGHT };

const typed =
  (kinds: () => { readonly [type: string]: Fields }): Rule =>
  (value, at, found) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return complain(found, at, 'must be an object');
    const { type, ...rest } = value as { readonly type?: unknown; readonly [name: string]: unknown };
    const fields = typeof type === 'string' ? kinds()[type] : undefined;
    if (fields === undefined) return complain(found, at, `${String(type)} is not supported here`);
    check(rest, fields, { at, found });
  };

function check(
  value: { readonly [name: string]: unknown },
  fields: Fields,
  { at, found }: { readonly at: string; readonly found: Found },
): void {
  for (const [name, rule] of Object.entries(fields))
    if (typeof rule !== 'function' && value[name] === undefined)
      complain(found, `${at}.${name}`, 'is missing');
  for (const [name, each] of Object.entries(value)) {
    const rule = fields[name];
    if (rule === undefined) complain(found, `${at}.${name}`, 'is not known');
    else (typeof rule === 'function' ? rule : rule.required)(each, `${at}.${name}`, found);
  }
}

const element = typed(() => ELEMENTS);
const action = typed(() => ACTIONS);
const inputId: Rule = (value, at, found) => {
  text(value, at, found);
  if (typeof value !== 'string') return;
  if (found.ids.has(value)) complain(found, at, `there are two inputs “${value}”`);
  found.ids.add(value);
};

const ELEMENTS: { readonly [type: string]: Fields } = {
  TextBlock: {
    ...ELEMENT,
    ...RUN,
    text: need(text),
    wrap: flag,
    maxLines: whole,
    horizontalAlignment: ALIGN,
    style: oneOf('default', 'heading'),
  },
  RichTextBlock: { ...ELEMENT, inlines: need(list(typed(() => INLINES))), horizontalAlignment: ALIGN },
  Container: {
    ...ELEMENT,
    items: need(list(element)),
    style: STYLE,
    bleed: flag,
    verticalContentAlignment: oneOf('top', 'center', 'bottom'),
    minHeight: text,
    selectAction: action,
  },
  ColumnSet: {
    ...ELEMENT,
    columns: list(typed(() => ({ Column: COLUMN, undefined: COLUMN }))),
    style: STYLE,
    bleed: flag,
    minHeight: text,
    horizontalAlignment: ALIGN,
    selectAction: action,
  },
  FactSet: { ...ELEMENT, facts: need(list(plainObject)) },
  ActionSet: { ...ELEMENT, actions: need(list(action, 6)) },
  'Input.Text': {
    ...ELEMENT,
    id: need(inputId),
    label: text,
    isMultiline: flag,
    maxLength: whole,
    placeholder: text,
    isRequired: flag,
    errorMessage: text,
    value: text,
    regex: text,
    style: oneOf('text', 'tel', 'url', 'email', 'password'),
  },
};
const COLUMN: Fields = {
  ...ELEMENT,
  items: list(element),
  style: STYLE,
  bleed: flag,
  width: (value, at, found) => {
    if (typeof value === 'number' ? value <= 0 : !/^(auto|stretch|\d+px|\d+)$/.test(String(value)))
      complain(found, at, 'must be auto, stretch, a weight or pixels');
  },
  verticalContentAlignment: oneOf('top', 'center', 'bottom'),
  selectAction: action,
};
const INLINES: { readonly [type: string]: Fields } = {
  TextRun: {
    ...RUN,
    text: need(text),
    highlight: flag,
    italic: flag,
    strikethrough: flag,
    underline: flag,
    selectAction: action,
  },
};

const ACTION: Fields = {
  id: text,
  title: text,
  iconUrl: url,
  style: oneOf('default', 'positive', 'destructive'),
  fallback: () => undefined,
  tooltip: text,
  isEnabled: flag,
  mode: oneOf('primary', 'secondary'),
};
const ACTIONS: { readonly [type: string]: Fields } = {
  'Action.OpenUrl': { ...ACTION, url: need(url) },
  'Action.Execute': { ...ACTION, verb: text, data: plainObject, associatedInputs: oneOf('auto', 'none') },
  'Action.Submit': { ...ACTION, data: () => undefined, associatedInputs: oneOf('auto', 'none') },
  'Action.ShowCard': {
    ...ACTION,
    card: need((value, at, found) => {
      found.depth += 1;
      if (found.depth > 1) complain(found, at, 'a card that unfolds cannot hold another');
      root(value, at, { found, inner: true });
      found.depth -= 1;
    }),
  },
};

const MRI = /^(29:[\w-]{1,256}|8:orgid:[0-9a-f-]{36})$/;
const REFRESHED_MAX = 60;
const ACTIONS_MAX = 6;

const REFRESH: Fields = {
  action: need(typed(() => ({ 'Action.Execute': ACTIONS['Action.Execute'] ?? {} }))),
  userIds: list((value, at, found) => {
    if (typeof value !== 'string' || !MRI.test(value))
      complain(found, at, 'must be a user’s id with the bot');
  }, REFRESHED_MAX),
};

const CARD: Fields = {
  $schema: text,
  version: (value, at, found) => {
    if (value !== '1.5') complain(found, at, 'must be 1.5 for what it uses');
  },
  body: list(element),
  actions: list(action, ACTIONS_MAX),
  fallbackText: text,
  lang: text,
  speak: text,
  msteams: plainObject,
};

function root(
  value: unknown,
  at: string,
  { found, inner }: { readonly found: Found; readonly inner: boolean },
): void {
  const kinds = {
    AdaptiveCard: inner
      ? CARD
      : {
          ...CARD,
          version: need(text),
          refresh: ((each, place) => {
            if (typeof each !== 'object' || each === null) return complain(found, place, 'must be an object');
            check(each as { readonly [name: string]: unknown }, REFRESH, { at: place, found });
          }) as Rule,
        },
  };
  typed(() => kinds)(value, at, found);
  if (!inner && (value as { version?: unknown } | null)?.version !== '1.5')
    complain(found, `${at}.version`, 'must be 1.5');
}

/** What is wrong with a card; empty when Teams would take it. */
export function cardProblems(card: unknown): readonly string[] {
  const found: Found = { problems: [], ids: new Set(), depth: 0 };
  root(card, 'card', { found, inner: false });
  return found.problems;
}

export const MESSAGE_BYTES_MAX = 28 * 1024;

/** What is wrong with a message activity of a bot. */
export function messageProblems(activity: { readonly [name: string]: unknown }): readonly string[] {
  const problems: string[] = [];
  if (activity['type'] !== 'message') problems.push('type: only messages are taken');
  const { attachments = [], text: said } = activity;
  if (said === undefined && (!Array.isArray(attachments) || attachments.length === 0))
    problems.push('nothing to show');
  for (const each of Array.isArray(attachments) ? (attachments as readonly unknown[]) : ['no list']) {
    const { contentType, content } = (each ?? {}) as {
      readonly contentType?: unknown;
      readonly content?: unknown;
    };
    if (contentType !== 'application/vnd.microsoft.card.adaptive')
      problems.push(`attachment of type ${String(contentType)}`);
    else problems.push(...cardProblems(content));
  }
  return problems;
}
