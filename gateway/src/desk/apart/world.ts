/** What a policy is loaded against, as data that can be sent to a thread, and back. */
import type { JsonObject } from '@countersign/core';
import { type AcceptedPins, pinKey } from '../../authority/authority.ts';
import type { LoadOptions } from '../../policy/rules/options.ts';

export type SentWorld = {
  readonly options: Omit<LoadOptions, 'toolArguments'>;
  /** Input schemas of accepted tools, by {@link pinKey}. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
};

export function sentWorld({ toolArguments, ...options }: LoadOptions, pins: AcceptedPins): SentWorld {
  const schemas = [...pins.keys()].flatMap((key): [string, JsonObject][] => {
    const [upstream = '', tool = ''] = key.split('\n');
    const schema = toolArguments?.(upstream, tool);
    return schema === undefined ? [] : [[key, schema]];
  });
  return { options, schemas: new Map(schemas) };
}

export const optionsOf = ({ options, schemas }: SentWorld): LoadOptions => ({
  ...options,
  toolArguments: (upstream, tool) => schemas.get(pinKey(upstream, tool)),
});
