/** One call of the Web API: the token and its kind, the scopes, the rate, and then the method. */
import type { Limits } from './limits.ts';
import { type Answer, type Fields, type Home, METHODS } from './methods.ts';

export type Keys = {
  readonly bot_token: string;
  readonly app_token: string;
  readonly signing_secret: string;
};
export type Answered = { readonly status: number; readonly answer: Answer; readonly after?: number };
export type Call = { readonly method: string; readonly authorization: string; readonly fields: Fields };

export type GateParts = {
  readonly home: Home;
  readonly keys: Keys;
  readonly scopes: readonly string[];
  readonly limits: Limits;
  readonly unhurried: boolean;
};

export const createGate =
  (parts: GateParts) =>
  ({ method, authorization, fields }: Call): Answered => {
    const { home, keys, scopes, limits, unhurried } = parts;
    const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (known === undefined) return no('unknown_method');
    if (authorization === '') return no('not_authed');
    const given = authorization.replace(/^Bearer /, '');
    if (given !== (known.token === 'app' ? keys.app_token : keys.bot_token))
      return no(
        given === keys.app_token || given === keys.bot_token ? 'not_allowed_token_type' : 'invalid_auth',
      );
    if (
      known.token !== 'app' &&
      known.scopes.length > 0 &&
      !known.scopes.some((each) => scopes.includes(each))
    )
      return {
        status: 200,
        answer: {
          ok: false,
          error: 'missing_scope',
          needed: known.scopes.join(','),
          provided: scopes.join(','),
        },
      };
    const after = limits.take({ method, tier: known.tier, channel: fields['channel'], unhurried });
    if (after > 0) return { status: 429, answer: { ok: false, error: 'ratelimited' }, after };
    return { status: 200, answer: known.run(home, fields) };
  };

const no = (error: string): Answered => ({ status: 200, answer: { ok: false, error } });
