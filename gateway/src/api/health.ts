/** Is it alive, may it be sent traffic, what are its numbers. Public: says nothing about anybody (I7). */

import { SECURITY_HEADERS } from './http/site.ts';
import type { ApiPorts } from './ports.ts';

export type Plain = (path: string) => Promise<Response | undefined>;

const text = (body: string, status: number, content_type = 'text/plain; charset=utf-8'): Response =>
  new Response(body, {
    status,
    headers: { ...SECURITY_HEADERS, 'content-type': content_type, 'cache-control': 'no-store' },
  });

export function healthPages({ ready, metrics }: Pick<ApiPorts, 'ready' | 'metrics'>): Plain {
  return async (path) => {
    if (path === '/health/live') return text('alive\n', 200);
    if (path === '/health/ready') {
      const readiness = await ready();
      return readiness.ready ? text('ready\n', 200) : text(`not ready: ${readiness.why.join('; ')}\n`, 503);
    }
    if (path === '/metrics') return text(metrics.render(), 200, 'text/plain; version=0.0.4; charset=utf-8');
    return undefined;
  };
}
