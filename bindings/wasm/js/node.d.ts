export * from './web.js'
export { default } from './web.js'
export { load, loadAsync } from './surface.js'
