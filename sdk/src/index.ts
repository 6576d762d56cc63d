// The public face of @countersign/sdk: a typed client for people and agents, and offline receipt verification.
export * from './shapes/access.ts';
export * from './shapes/directory.ts';
export * from './shapes/log.ts';
export * from './shapes/requests.ts';
