/** Throws unless the bundle verifies. */
export declare function verifyBundle(bundle: unknown, vkey: string, entryKey: string): void;
