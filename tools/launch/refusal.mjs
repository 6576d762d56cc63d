// @ts-check
// The launcher's one way to say no: the message names what is missing and how to fix it.
export class Refusal extends Error {}
