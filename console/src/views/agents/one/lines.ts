/** An upstream's powers as lines of a table: connecting, each tool, and what is no tool, alike ones together. */
import type { May, UpstreamPowers } from '@countersign/sdk';

export type Line = {
  readonly id: string;
  readonly kind: 'open' | 'tool' | 'other';
  readonly name: string;
  readonly may: May;
  readonly changed: boolean;
};

const OTHERS: { readonly [method: string]: string } = {
  'resources/read': 'read a resource',
  'resources/subscribe': 'follow a resource',
  'prompts/get': 'take a prompt',
  'completion/complete': 'complete an argument',
};

export function linesOf({ open, tools, others }: UpstreamPowers): readonly Line[] {
  const line = { changed: false };
  const alike = Map.groupBy(others, ({ may }) => JSON.stringify(may));
  return [
    { ...line, id: 'open', kind: 'open', name: 'connect', may: open },
    ...tools.map(
      ({ tool, may, changed = false }): Line => ({
        ...line,
        id: `tool ${tool}`,
        kind: 'tool',
        name: tool,
        may,
        changed,
      }),
    ),
    ...[...alike.values()].flatMap((same): readonly Line[] => {
      const [first] = same;
      if (first === undefined) return [];
      const name = same.map(({ method }) => OTHERS[method] ?? method).join(', ');
      return [{ ...line, id: `other ${first.method}`, kind: 'other', name, may: first.may }];
    }),
  ];
}
