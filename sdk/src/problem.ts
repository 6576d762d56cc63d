/** How the client says that the gateway refused, or could not be asked. Messages are the gateway's own plain sentences. */

/** An RFC 9457 problem the gateway answered with. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** The stable URN. */
  readonly type: string;
  /** The last part of `type`: `not_signed_in`, `shown_changed`, `expired_denial`, … */
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  /** The offending member, where there is one: `body.decision`. */
  readonly field: string | undefined;
  readonly retry_after_s: number | undefined;
  /** Every member of the problem document. */
  readonly body: { readonly [name: string]: unknown };

  constructor(status: number, body: { readonly [name: string]: unknown }, retry_after_s?: number) {
    const title = text(body['title']) ?? `status ${status}`;
    const detail = text(body['detail']) ?? title;
    super(detail);
    this.status = status;
    this.type = text(body['type']) ?? 'about:blank';
    this.kind = this.type.slice(this.type.lastIndexOf(':') + 1);
    this.title = title;
    this.detail = detail;
    this.field = text(body['field']);
    this.retry_after_s = retry_after_s;
    this.body = body;
  }
}

/** The gateway could not be reached, or broke off. Whether it did anything is not known. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** What answered is not a gateway, or not one this client understands. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export async function problemOf(response: Response): Promise<ProblemError | ProtocolError> {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(problem\+)?json/i.test(type)) {
    return new ProtocolError(
      `expected a gateway’s answer, got status ${response.status} and ${type === '' ? 'no content type' : 'another content type'}`,
    );
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null)
    return new ProtocolError(`status ${response.status} without a problem document`);
  return new ProblemError(
    response.status,
    body as { [name: string]: unknown },
    Number.isFinite(after) ? after : undefined,
  );
}
