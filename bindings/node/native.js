'use strict'
// Finds the addon: beside this file when it was built here, else in the package for this platform.

const { platform, arch } = process

function load() {
  const own = `./glasskey.${platform}-${arch}.node`
  try {
    return require(own)
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    throw new Error(
      `glasskey has no addon for ${platform}-${arch} (${own}); build it with \`cargo xtask node\``,
      { cause: error },
    )
  }
}

module.exports = load()
