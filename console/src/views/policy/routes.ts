/** The policy: its rules and how they decide, a draft of another, and what that would change; their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { coverageQuery, policyFilesQuery, policyQuery } from '../../data/policy.ts';
import { isSpan, type Span, sinceOf } from './spans.ts';

// The router hands on what else stood in the address: what is not taken is named, as undefined, so that nobody reads it.
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const frame = createRoute({
  getParentRoute: () => signedIn,
  path: '/policy',
  component: lazyRouteComponent(() => import('./policy.tsx'), 'PolicyFrame'),
  loader: ({ context }) => context.cache.ensureQueryData(policyQuery),
});

export type RulesSearch = {
  readonly span?: Span | undefined;
  readonly only?: 'never' | undefined;
};
const rules = createRoute({
  getParentRoute: () => frame,
  path: '/',
  validateSearch: ({ span, only }): RulesSearch => ({
    span: isSpan(span) ? span : undefined,
    only: only === 'never' ? 'never' : undefined,
  }),
  loaderDeps: ({ search }) => ({ span: search.span }),
  loader: ({ context, deps }) => context.cache.ensureQueryData(coverageQuery(sinceOf(deps.span))),
  component: lazyRouteComponent(() => import('./rules.tsx'), 'RulesView'),
});

export type DraftSearch = {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
};
const draft = createRoute({
  getParentRoute: () => frame,
  path: 'draft',
  validateSearch: ({ file, line }): DraftSearch => ({ file: text(file), line: number(line) }),
  loader: ({ context }) => context.cache.ensureQueryData(policyFilesQuery),
  component: lazyRouteComponent(() => import('./draft/draft.tsx'), 'DraftView'),
});

export type TriedSearch = { readonly span?: Span | undefined };
const tried = createRoute({
  getParentRoute: () => frame,
  path: 'tried',
  validateSearch: ({ span }): TriedSearch => ({ span: isSpan(span) ? span : undefined }),
  loader: ({ context }) => context.cache.ensureQueryData(policyFilesQuery),
  component: lazyRouteComponent(() => import('./tried/tried.tsx'), 'TriedView'),
});

export const policyRoutes = [frame.addChildren([rules, draft, tried])] as const;
