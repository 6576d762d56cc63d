/** What SCIM says no with (RFC 7644 §3.12). `detail` names the attribute and the fix, and repeats no value that was sent (I7). */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

type More = { readonly scim_type?: ScimType; readonly headers?: { readonly [name: string]: string } };

export class ScimFailure extends Error {
  override readonly name = 'ScimFailure';
  readonly status: number;
  readonly detail: string;
  readonly scim_type: ScimType | undefined;
  readonly headers: { readonly [name: string]: string };

  constructor(status: number, detail: string, { scim_type, headers = {} }: More = {}) {
    super(detail);
    this.status = status;
    this.detail = detail;
    this.scim_type = scim_type;
    this.headers = headers;
  }
}

/** Refused for what was sent; a clash with what is here already is 409. */
export const refused = (scim_type: ScimType, detail: string): ScimFailure =>
  new ScimFailure(scim_type === 'uniqueness' ? 409 : 400, detail, { scim_type });

export const busy = (detail: string, retry_after_s: number): ScimFailure =>
  new ScimFailure(429, detail, { headers: { 'retry-after': String(retry_after_s) } });
