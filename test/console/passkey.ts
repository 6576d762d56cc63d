// A passkey for tests that are about something else than making one.

/** In the page: makes a key with the browser's authenticator, as the page of passkeys does. */
export async function enrol(): Promise<void> {
  const { csrf } = await (await fetch('/api/me')).json();
  const post = (at: string, body?: object) =>
    fetch(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-countersign-csrf': csrf },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const asked = await (await post('/api/passkeys/challenge')).json();
  const bytes = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
  const text = (buffer: ArrayBuffer): string =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: [],
    },
  });
  if (!(made instanceof PublicKeyCredential)) throw new Error('no key was made');
  if (!(made.response instanceof AuthenticatorAttestationResponse)) throw new Error('no key was made');
  const answer = await post('/api/passkeys', {
    name: 'laptop',
    credential_id: text(made.rawId),
    client_data: text(made.response.clientDataJSON),
    attestation_object: text(made.response.attestationObject),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
