// What signers do elsewhere: a publisher signs a statement over the files of a pack (in-toto, in a DSSE
// envelope), and the keeper of a ledger its checkpoints (c2sp.org/signed-note).

import { createHash, generateKeyPairSync, sign } from 'node:crypto'

const sha256 = (bytes) => createHash('sha256').update(bytes).digest()

/** A new key, and the text by which verifiers know it (c2sp.org/signed-note). */
export function newKey(name) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = Buffer.concat([Buffer.of(1), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)])
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), key])).subarray(0, 4)
  return { id, privateKey, verifier: `${name}+${id.toString('hex')}+${key.toString('base64')}` }
}

/** The note of a checkpoint. */
export function noted(text, { privateKey, verifier }, signNote) {
  return signNote(text, verifier, sign(undefined, Buffer.from(text), privateKey))
}

/** The envelope of a pack. */
export function signed(files, bundle, { id, privateKey }) {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: Object.keys(files)
      .sort()
      .map((name) => ({ name, digest: { sha256: sha256(files[name]).toString('hex') } })),
    predicateType: 'https://github.com/glasskey/glasskey/bundle/v1',
    predicate: { name: bundle.name, version: bundle.version, bundle: bundle.digest },
  }
  const type = 'application/vnd.in-toto+json'
  const payload = Buffer.from(JSON.stringify(statement))
  const said = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
  const sig = sign(undefined, said, privateKey).toString('base64')
  return {
    payload: payload.toString('base64'),
    payloadType: type,
    signatures: [{ keyid: id.toString('hex'), sig }],
  }
}
