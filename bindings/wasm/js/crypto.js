// The one thing of `node:crypto` that is needed, from where every host has it.

export const randomUUID = () => globalThis.crypto.randomUUID()
