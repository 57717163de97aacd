// Where no reverse proxy stands in front, a caller's address is what the socket says: headers by which a caller could
// claim another one are overwritten before Next or the API reads them.
const http = require('node:http')

const emit = http.Server.prototype.emit

http.Server.prototype.emit = function emitFromSocket(event, request, ...rest) {
  if (event === 'request' || event === 'upgrade') {
    for (const name of ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded', 'x-real-ip']) {
      delete request.headers[name]
    }
    request.headers['x-forwarded-for'] = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  }
  return emit.call(this, event, request, ...rest)
}
