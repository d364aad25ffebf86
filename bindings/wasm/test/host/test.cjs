// Collects tests and runs them one after the other.

const tests = []

function test(name, run) {
  tests.push([name, run])
}

test.runAll = async () => {
  const failed = []
  const all = tests.splice(0)
  for (const [name, run] of all) {
    try {
      await run()
    } catch (error) {
      failed.push(`${name}: ${error.stack ?? error}`)
    }
  }
  return { ran: all.length, failed }
}

module.exports = test
