/** What was asked may have secrets in it, or people's data. A rule is read by everybody and kept for ever: it must have neither (I7). */
import type { PolicySuggestion, PolicySuggestions } from '@countersign/sdk';
import type { Masking } from '../../deps.ts';

const ALL = [{ id: 'suggestion/mask', type: 'mask', properties: { kinds: ['pii'] } }];

export function withoutHidden(found: PolicySuggestions, { mask }: Pick<Masking, 'mask'>): PolicySuggestions {
  const isHidden = (one: PolicySuggestion): boolean =>
    one.arguments.some(({ path, values }) => mask([path, ...values], ALL).changed);
  const hidden = found.suggestions.filter(isHidden).map(({ rule, requests, agent, upstream, resource }) => ({
    rule,
    why: 'hidden' as const,
    requests,
    agent,
    upstream,
    resource,
  }));
  return {
    ...found,
    suggestions: found.suggestions.filter((one) => !isHidden(one)),
    // What the checker says may quote the draft.
    not_suggested: [
      ...found.not_suggested.map(({ detail, ...one }) =>
        detail === undefined || mask(detail, ALL).changed ? one : { ...one, detail },
      ),
      ...hidden,
    ],
  };
}
