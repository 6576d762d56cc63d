// The public face of @countersign/core: what is true about actions, decisions, reviews and the log. No I/O, no clock.
export * from './action.ts';
export * from './approval.ts';
export * from './decision.ts';
export * from './evaluation.ts';
export * from './people.ts';
export * from './request.ts';
export * from './requirement.ts';
export * from './review.ts';
