/** Who this browser is signed in as, if anybody; and whom a link is for. Asked for words alone: the gateway decides. */
import { encodeHex, sha256 } from '@countersign/core';
import type { Me } from '@countersign/sdk';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { gate, isKind } from '../../../data/gate.ts';

export type Named = Pick<Me, 'id' | 'name'>;

const hereQuery = queryOptions({
  queryKey: ['sign-in', 'here'],
  queryFn: async (): Promise<Named | null> => {
    try {
      return await gate.me();
    } catch (error) {
      if (isKind(error, 'not_signed_in')) return null;
      throw error;
    }
  },
  staleTime: 0,
  retry: false,
});

/** The code itself stays here: it is asked by its hash, which signs nobody in (A16). */
const holderQuery = (code: string) => {
  const digest = `sha256:${encodeHex(sha256(new TextEncoder().encode(code)))}`;
  return queryOptions({
    queryKey: ['sign-in', 'link', digest],
    queryFn: async () => (await gate.linkHolder(digest)).person,
    retry: false,
  });
};

/** Undefined while it is not known; null when it is nobody, or could not be told. */
export function useHere(): Named | null | undefined {
  const { data, isError } = useQuery(hereQuery);
  return isError ? null : data;
}
/** `none`: the gateway knows of no good link with this code. */
export function useHolder(code: string): Named | 'none' | null | undefined {
  const { data, error } = useQuery(holderQuery(code));
  if (error === null) return data;
  return isKind(error, 'not_found') ? 'none' : null;
}
