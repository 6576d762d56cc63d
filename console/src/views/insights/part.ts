/** What each part of the view is given: the counts, and the time they are of. */
import type { Insights } from '@countersign/sdk';
import type { Span } from './span.ts';

export type PartProps = { readonly data: Insights; readonly span: Span };
