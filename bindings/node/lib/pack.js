'use strict'
// The files of a pack in a folder, and of the packs that it extends.

const fs = require('node:fs')
const path = require('node:path')

/** By name, as `Bundle.compile` takes them. `missing` tells the folder of a pack that is still to come. */
function read(pack, missing) {
  const files = {}
  for (let base = ''; base !== null; base = missing(files)) {
    const folder = path.join(pack, base)
    for (const name of wanted(fs.readdirSync(folder))) {
      files[within(base, name)] = fs.readFileSync(path.join(folder, name))
    }
  }
  return files
}

async function readAsync(pack, missing) {
  const files = {}
  for (let base = ''; base !== null; base = missing(files)) {
    const folder = path.join(pack, base)
    const one = async (name) => {
      files[within(base, name)] = await fs.promises.readFile(path.join(folder, name))
    }
    await Promise.all(wanted(await fs.promises.readdir(folder)).map(one))
  }
  return files
}

function within(base, name) {
  return base === '' ? name : `${base}/${name}`
}

function wanted(names) {
  return names.filter((name) => /^bundle\.toml$|\.cedar(schema)?$/.test(name))
}

module.exports = { read, readAsync }
