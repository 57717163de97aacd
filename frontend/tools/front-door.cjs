// Loaded before the portal's server. Where no reverse proxy stands in front, a caller's address is what the socket says: headers
// by which a caller could claim another one are overwritten before Next or the API reads them.
const http = require('node:http')

const CLAIMS = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded', 'x-real-ip']
// Names the API's own address inside the machine.
const INTERNAL = 'x-middleware-rewrite'

const behindProxy = process.env.BEHIND_PROXY === '1'
const emit = http.Server.prototype.emit
const writeHead = http.ServerResponse.prototype.writeHead

http.Server.prototype.emit = function emitFromSocket(event, request, ...rest) {
  if (!behindProxy && (event === 'request' || event === 'upgrade')) {
    for (const name of CLAIMS) delete request.headers[name]
    request.headers['x-forwarded-for'] = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  }
  return emit.call(this, event, request, ...rest)
}

http.ServerResponse.prototype.writeHead = function writeHeadWithoutInternals(...words) {
  if (!this.headersSent) this.removeHeader(INTERNAL)
  return writeHead.apply(this, words)
}
