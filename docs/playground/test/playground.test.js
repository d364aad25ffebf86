// The playground in Chromium. SITE is the folder that build.mjs made; SHOTS, if set, the folder for
// pictures of it.

import axe from 'axe-core'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test, { after, before } from 'node:test'
import { chromium } from 'playwright-core'
import { serve } from '../serve.mjs'

const ledgers = path.join(import.meta.dirname, '../../../bindings/conformance/ledger')
const { SITE, SHOTS, GLASSKEY_CHROMIUM = '/usr/bin/chromium' } = process.env
const DESKTOP = { width: 1440, height: 960 }
const PHONE = { width: 390, height: 844 }

let browser, site

before(async () => {
  site = await serve(SITE)
  browser = await chromium.launch({
    executablePath: GLASSKEY_CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  site?.close()
})

/** The page once it has answered, and whatever it complained of or asked for. */
async function open(view = 'decide', options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.faults = []
  page.asked = []
  page.on('console', (said) => said.type() === 'error' && page.faults.push(said.text()))
  page.on('pageerror', (error) => page.faults.push(String(error)))
  page.on('request', (request) => page.asked.push(request.url()))
  await page.goto(`${site.at}#${view}`)
  await page.locator('#loading').waitFor({ state: 'detached' })
  return page
}

const verdict = (page) => page.locator('#view-decide .verdict').textContent()
const time = (page) => page.locator('#view-decide .time').textContent()

async function slideTo(page, instant) {
  await page.locator('#now').evaluate((slider, at) => {
    slider.value = String(at)
    slider.dispatchEvent(new Event('input'))
  }, Date.parse(instant))
}

test('it loads from its own place alone, decides, and may run nothing that is not its own', async () => {
  const page = await open()
  assert.equal(await verdict(page), 'Permit')
  assert.match(await page.locator('.answer').textContent(), /03:05:05 rule ttl, in 1h/)
  assert.match(await page.locator('.binds').textContent(), /rule ttl/)
  assert.deepEqual(
    page.asked.filter((url) => !url.startsWith(site.at) && !url.startsWith('data:')),
    [],
  )
  const tried = await page.evaluate(async () => {
    const refused = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      refused.push(effectiveDirective),
    )
    const inline = document.createElement('script')
    inline.textContent = 'globalThis.ran = true'
    document.body.append(inline)
    document.body.setAttribute('onclick', 'globalThis.ran = true')
    document.body.click()
    document.body.setAttribute('style', 'color: red')
    await fetch('https://example.com/').catch(() => {})
    await new Promise((resume) => setTimeout(resume, 50))
    return [globalThis.ran, refused.sort()]
  })
  const all = ['connect-src', 'script-src-attr', 'script-src-elem', 'style-src-attr']
  assert.deepEqual(tried, [undefined, all])
})

test('the answer turns at the instant at which the incident closes, and not a second sooner', async () => {
  const page = await open()
  await slideTo(page, '2026-03-01T02:39:59Z')
  assert.equal(await verdict(page), 'Permit')
  await slideTo(page, '2026-03-01T02:40:00Z')
  assert.equal(await verdict(page), 'Deny')
  assert.match(await page.locator('.reasons').textContent(), /incident closed/)
  await page.locator('#world-closing').fill('02:50:30')
  await page.locator('#world-closing').blur()
  assert.equal(await verdict(page), 'Permit')
  await page.locator('#now').focus()
  for (let at = 0; at < 126; at++) await page.keyboard.press('ArrowRight')
  assert.deepEqual([await time(page), await verdict(page)], ['02:50:30', 'Deny'])
  await page.keyboard.press('ArrowLeft')
  assert.deepEqual([await time(page), await verdict(page)], ['02:50:25', 'Permit'])
  const chart = await page.locator('#view-decide .chart').getAttribute('aria-label')
  assert.match(chart, /revoking: incident closed from 02:50:30 to 02:50:50/)
  assert.match(chart, /INC-100 is closed from 02:50:30/)
  assert.deepEqual(page.faults, [])
})

test('without news the facts go stale, and with nothing to end it the grant ends by its rule', async () => {
  const page = await open()
  await page.locator('#world-closes').uncheck()
  const chart = () => page.locator('#view-decide .chart').getAttribute('aria-label')
  assert.match(await chart(), /revoking: expired from 03:05:05/)
  await page.locator('#world-fresh').uncheck()
  assert.match(await chart(), /frozen from 02:06:00/)
  await slideTo(page, '2026-03-01T02:05:59Z')
  assert.equal(await verdict(page), 'Permit')
  await page.getByRole('button', { name: 'next change' }).click()
  assert.deepEqual([await time(page), await verdict(page)], ['02:06:00', 'Deny'])
  assert.match(await page.locator('.missing').textContent(), /Report incident:INC-100 anew/)
})

test('whoever is missing approves with a click', async () => {
  const page = await open()
  await page.locator('#ask-example').selectOption('dual-approval.json')
  assert.equal(await verdict(page), 'Not yet')
  while ((await verdict(page)) === 'Not yet') {
    const seats = await page.locator('.missing li').count()
    assert.ok(seats > 0, 'a seat is missing')
    await page.locator('.missing .chip').first().click()
  }
  assert.equal(await verdict(page), 'Permit')
  await page.locator('.chip.on').first().click()
  assert.equal(await verdict(page), 'Not yet')
  assert.deepEqual(page.faults, [])
})

test('a fault in a policy is underlined where it is, and the answers wait until it is mended', async () => {
  const page = await open()
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('@max_tll("1h")\n')
  const underlined = page.locator('.cm-lintRange-error')
  await underlined.first().waitFor()
  assert.equal((await underlined.allTextContents()).join(''), '@max_tll("1h")')
  const problem = await page.locator('.problems li').first().textContent()
  assert.match(problem, /oncall\.cedar:1:1 unknown_annotation .*@max_ttl/)
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Delete')
  await underlined.first().waitFor({ state: 'detached' })
  await page.getByText(/\d+ rules and \d+ guardrails/).waitFor()
  assert.deepEqual(page.faults, [])
})

test('a rule that is tightened ends the answer sooner', async () => {
  const page = await open()
  await page.locator('.cm-content').click()
  const line = page.locator('.cm-line', { hasText: '@max_ttl("1h")' }).first()
  await line.click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.type('@max_ttl("20m")')
  await page.getByText('02:25:05 rule ttl, in 20m').waitFor()
})

test('every scenario of the pack is told as it expects', async () => {
  const page = await open('stories')
  assert.deepEqual(await page.evaluate(() => globalThis.playground.stories()), [])
  assert.deepEqual(page.faults, [])
})

test('a story is stepped through with the arrows, and its states are lit', async () => {
  const page = await open('stories')
  const lit = () => page.locator('.state.lit text').allTextContents()
  assert.deepEqual(await lit(), ['approved'])
  await page.locator('.steps button').first().focus()
  await page.keyboard.press('ArrowRight')
  assert.deepEqual(await lit(), ['consumed', 'issuing'])
  await page.keyboard.press('ArrowRight')
  assert.deepEqual(await lit(), ['consumed', 'active'])
  await page.locator('.steps .badge', { hasText: 'incident closed' }).click()
  assert.deepEqual(await lit(), ['consumed', 'revoking'])
  assert.match(await page.locator('.detail').textContent(), /revoking, incident closed/)
})

test('the ledger of a story holds; altered, the entry is named', async () => {
  const page = await open('stories')
  await page.getByRole('button', { name: 'Read the ledger' }).click()
  const found = page.locator('#view-ledger .verdict')
  assert.equal(await found.textContent(), 'Unaltered')
  const entries = Number((await page.locator('#view-ledger dd').nth(1).textContent()).split(',')[0])
  assert.match(await page.locator('.replayed').textContent(), /every decision follows/)
  assert.match(
    await page.locator('#view-ledger table').textContent(),
    /asha.*oncall-restart.*incident closed/,
  )
  await page.getByRole('button', { name: 'Alter one entry' }).click()
  assert.equal(await found.textContent(), `Broken at entry ${Math.floor(entries / 2)}`)
  assert.deepEqual(page.faults, [])
})

test('ledger files are judged as everywhere', async () => {
  const page = await open('ledger')
  const { ledgers: cases } = JSON.parse(fs.readFileSync(path.join(ledgers, 'cases.json'), 'utf8'))
  let broken = 0
  for (const { file, checkpoints, expect } of cases.filter(({ checkpoints }) => !checkpoints.length)) {
    await page.locator('#ledger-file').setInputFiles(path.join(ledgers, file))
    await page.locator('#view-ledger h2', { hasText: file }).waitFor()
    const said = await page.locator('#view-ledger .answer').textContent()
    if (expect.fault)
      assert.match(said, new RegExp(`entry ${expect.fault.seq}.*${expect.fault.code}`, 's'), file)
    else assert.match(said, /Unaltered/, file)
    broken += expect.fault ? 1 : 0
  }
  assert.ok(broken > 10)
})

test('all of it goes on without a network', async () => {
  const page = await open()
  await page.context().setOffline(true)
  await slideTo(page, '2026-03-01T02:40:00Z')
  assert.equal(await verdict(page), 'Deny')
  await page.getByRole('tab', { name: 'Stories' }).click()
  await page.getByRole('button', { name: 'Next step' }).click()
  await page.getByRole('button', { name: 'Read the ledger' }).click()
  assert.equal(await page.locator('#view-ledger .verdict').textContent(), 'Unaltered')
  assert.deepEqual(page.faults, [])
})

test('the views are reached from the keyboard', async () => {
  const page = await open()
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip')
  await page.keyboard.press('Tab')
  for (const view of ['stories', 'ledger', 'decide']) {
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.evaluate(() => document.activeElement.id), `tab-${view}`)
    assert.ok(await page.locator(`#view-${view}`).isVisible())
  }
})

for (const colorScheme of ['light', 'dark']) {
  for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    test(`axe finds nothing, ${colorScheme} on a ${device}`, async () => {
      for (const view of ['decide', 'stories', 'ledger']) {
        const page = await open(view, { colorScheme, viewport })
        if (view === 'stories') for (let i = 0; i < 4; i++) await page.locator('button.main').click()
        if (view === 'ledger') {
          await page.getByRole('tab', { name: 'Stories' }).click()
          await page.getByRole('button', { name: 'Read the ledger' }).click()
        }
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate(() => globalThis.axe.run())
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]),
          [],
          view,
        )
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.ok(wide <= viewport.width, `${view} is ${wide} wide`)
        if (SHOTS)
          await page.screenshot({
            path: path.join(SHOTS, `${view}-${colorScheme}-${device}.png`),
            fullPage: device === 'phone',
          })
        await page.context().close()
      }
    })
  }
}
