/** The policy: its rules and how they decide, a draft of another, and what that would change; their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { coverageQuery, policyFilesQuery, policyQuery } from '../../data/policy.ts';
import { isSpan, type Span, sinceOf } from './spans.ts';

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

export type RulesSearch = { readonly span?: Span; readonly only?: 'never' };
const rules = createRoute({
  getParentRoute: () => frame,
  path: '/',
  validateSearch: (given): RulesSearch => ({
    ...(isSpan(given['span']) ? { span: given['span'] } : {}),
    ...(given['only'] === 'never' ? { only: 'never' } : {}),
  }),
  loaderDeps: ({ search }) => ({ span: search.span }),
  loader: ({ context, deps }) => context.cache.ensureQueryData(coverageQuery(sinceOf(deps.span))),
  component: lazyRouteComponent(() => import('./rules.tsx'), 'RulesView'),
});

export type DraftSearch = { readonly file?: string; readonly line?: number };
const draft = createRoute({
  getParentRoute: () => frame,
  path: 'draft',
  validateSearch: (given): DraftSearch => {
    const [file, line] = [text(given['file']), number(given['line'])];
    return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  },
  loader: ({ context }) => context.cache.ensureQueryData(policyFilesQuery),
  component: lazyRouteComponent(() => import('./draft/draft.tsx'), 'DraftView'),
});

export type TriedSearch = { readonly span?: Span };
const tried = createRoute({
  getParentRoute: () => frame,
  path: 'tried',
  validateSearch: (given): TriedSearch => (isSpan(given['span']) ? { span: given['span'] } : {}),
  loader: ({ context }) => context.cache.ensureQueryData(policyFilesQuery),
  component: lazyRouteComponent(() => import('./tried/tried.tsx'), 'TriedView'),
});

export const policyRoutes = [frame.addChildren([rules, draft, tried])] as const;
