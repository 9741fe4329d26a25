/** Requests that no server may take: as bytes (latin1), each with the reason. */

const HOST = 'Host: test'

/** A request of lines that end as they should. */
function lines(...parts: string[]): string {
  return [...parts, '', ''].join('\r\n')
}

function chunked(body: string, ...fields: string[]): string {
  return lines('POST /read HTTP/1.1', HOST, 'Transfer-Encoding: chunked', ...fields) + body
}

function withField(field: string): string {
  return lines('GET / HTTP/1.1', HOST, field)
}

/** What would come next on the connection, and must not be taken for a request. */
const SMUGGLED = lines('GET /smuggled HTTP/1.1', HOST)

export const malformed: readonly (readonly [why: string, bytes: string])[] = [
  // The request line
  ['nothing that HTTP knows', 'hello there\r\n\r\n'],
  ['binary nonsense', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a method in lower case', lines('get / HTTP/1.1', HOST)],
  ['a method that nobody knows', lines('BREW / HTTP/1.1', HOST)],
  ['a method with a control character', lines('GE\x01T / HTTP/1.1', HOST)],
  ['a method with NUL', lines('GET\x00 / HTTP/1.1', HOST)],
  ['a method that does not end', 'G'.repeat(40_000)],
  ['no method', lines(' / HTTP/1.1', HOST)],
  ['no path', lines('GET HTTP/1.1', HOST)],
  ['an empty path', lines('GET  HTTP/1.1', HOST)],
  ['a path that does not begin with a slash', lines('GET path HTTP/1.1', HOST)],
  ['a path with a space', lines('GET /a b HTTP/1.1', HOST)],
  ['a path with a tab', lines('GET /a\tb HTTP/1.1', HOST)],
  ['a path with NUL', lines('GET /a\x00b HTTP/1.1', HOST)],
  ['a path with a control character', lines('GET /a\x1bb HTTP/1.1', HOST)],
  ['a path with a carriage return', lines('GET /a\rb HTTP/1.1', HOST)],
  ['a path that is too long', lines(`GET /${'a'.repeat(20_000)} HTTP/1.1`, HOST)],
  ['a path that does not end', `GET /${'a'.repeat(200_000)}`],
  ['a query that is too long', lines(`GET /?${'a=1&'.repeat(6_000)} HTTP/1.1`, HOST)],
  ['no version', 'GET /\r\n\r\n'],
  ['another protocol', lines('GET / HTCPCP/1.0', HOST)],
  ['a protocol in lower case', lines('GET / http/1.1', HOST)],
  ['a version of HTTP that does not exist', lines('GET / HTTP/1.2', HOST)],
  ['version 2.0 in the words of 1', lines('GET / HTTP/2.0', HOST)],
  ['version 0.9', lines('GET / HTTP/0.9', HOST)],
  ['a version of one part', lines('GET / HTTP/1', HOST)],
  ['a version of words', lines('GET / HTTP/one.one', HOST)],
  ['something behind the version', lines('GET / HTTP/1.1 please', HOST)],
  ['a request line that ends with a bare carriage return', `GET / HTTP/1.1\r${HOST}\r\n\r\n`],
  // The header
  ['no host', lines('GET / HTTP/1.1')],
  ['two hosts', lines('GET / HTTP/1.1', HOST, 'Host: other')],
  ['a field without a colon', withField('nonsense')],
  ['a field without a name', withField(': value')],
  ['a space before the colon', withField('X-Field : value')],
  ['a space in a name', withField('X Field: value')],
  ['a tab in a name', withField('X\tField: value')],
  ['NUL in a name', withField('X\x00Field: value')],
  ['a character beyond ASCII in a name', withField('X-F\xe9ld: value')],
  ['a parenthesis in a name', withField('X(Field): value')],
  ['a folded value', withField('X-Field: a\r\n b')],
  ['a value that is folded by a tab', withField('X-Field: a\r\n\tb')],
  ['lines that end with bare line feeds', `GET / HTTP/1.1\n${HOST}\n\n`],
  ['a field that ends with a bare line feed', `GET / HTTP/1.1\r\n${HOST}\nX-Field: a\r\n\r\n`],
  ['a header that ends with a bare line feed', `GET / HTTP/1.1\r\n${HOST}\r\n\n`],
  ['NUL in a value', withField('X-Field: a\x00b')],
  ['a control character in a value', withField('X-Field: a\x01b')],
  ['DEL in a value', withField('X-Field: a\x7fb')],
  ['a bare carriage return in a value', withField('X-Field: a\rb')],
  ['a bare carriage return at the end of a value', `GET / HTTP/1.1\r\n${HOST}\rX-Field: a\r\n\r\n`],
  ['a folded line before any field', `GET / HTTP/1.1\r\n folded\r\n${HOST}\r\n\r\n`],
  ['a value that is too long', withField(`X-Field: ${'a'.repeat(20_000)}`)],
  ['a name that is too long', withField(`${'X'.repeat(20_000)}: a`)],
  [
    'too many fields',
    lines('GET / HTTP/1.1', HOST, ...Array.from({ length: 2_000 }, (_, i) => `X-${i}: 12345`)),
  ],
  ['a header that does not end', `GET / HTTP/1.1\r\n${HOST}\r\n${'X-Field: a\r\n'.repeat(5_000)}`],
  // The length of the body
  [
    'two lengths that differ',
    `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4', 'Content-Length: 5')}body`,
  ],
  [
    'two lengths that agree',
    `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4', 'Content-Length: 4')}body`,
  ],
  ['a list of lengths', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4, 4')}body`],
  ['a negative length', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: -1')}body`],
  ['a length with a sign', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: +4')}body`],
  ['a length of words', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: four')}body`],
  ['an empty length', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length:')}body`],
  ['a length in hexadecimal', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 0x4')}body`],
  ['a length with a fraction', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4.0')}body`],
  ['a length with a space inside', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 1 0')}body`],
  [
    'a length beyond 64 bits',
    `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 99999999999999999999999')}body`,
  ],
  ['a length beyond the limit', `${lines('POST /read HTTP/1.1', HOST, 'Content-Length: 9999999999')}body`],
  [
    'a length and chunks, of which the chunks hide a request',
    lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4', 'Transfer-Encoding: chunked') +
      `0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'chunks and a length, of which the length hides a request',
    lines('POST /read HTTP/1.1', HOST, 'Transfer-Encoding: chunked', 'Content-Length: 60') +
      `0\r\n\r\n${SMUGGLED}`,
  ],
  // Transfer codings
  [
    'chunks that come before another coding',
    `${lines('POST /read HTTP/1.1', HOST, 'Transfer-Encoding: chunked, gzip')}0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a coding that nobody knows',
    `${lines('POST /read HTTP/1.1', HOST, 'Transfer-Encoding: xchunked')}0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'chunks with a length and a space before the colon',
    lines('POST /read HTTP/1.1', HOST, 'Content-Length: 4', 'Transfer-Encoding : chunked') +
      `0\r\n\r\n${SMUGGLED}`,
  ],
  // Chunks
  ['a chunk of a size that is no number', chunked('four\r\nbody\r\n0\r\n\r\n')],
  ['a chunk of a negative size', chunked('-4\r\nbody\r\n0\r\n\r\n')],
  ['a chunk of a size with a sign', chunked('+4\r\nbody\r\n0\r\n\r\n')],
  ['a chunk of a size with 0x', chunked('0x4\r\nbody\r\n0\r\n\r\n')],
  ['a chunk of an empty size', chunked('\r\nbody\r\n0\r\n\r\n')],
  ['a chunk of a size beyond 64 bits', chunked('fffffffffffffffff\r\nbody\r\n0\r\n\r\n')],
  ['a chunk that is longer than its size', chunked('3\r\nbody\r\n0\r\n\r\n')],
  ['a chunk that is shorter than its size', chunked('5\r\nbody\r\n0\r\n\r\n')],
  ['a chunk that ends with a bare line feed', chunked('4\r\nbody\n0\r\n\r\n')],
  ['a size that ends with a bare line feed', chunked('4\nbody\r\n0\r\n\r\n')],
  ['a size that ends with a bare carriage return', chunked('4\rbody\r\n0\r\n\r\n')],
  ['a size with a space before it', chunked(' 4\r\nbody\r\n0\r\n\r\n')],
  ['a size with a space behind it', chunked('4 \r\nbody\r\n0\r\n\r\n')],
  ['an extension of a chunk that does not end', chunked(`4;${'a'.repeat(50_000)}`)],
  ['an extension of a chunk with NUL', chunked('4;a\x00=b\r\nbody\r\n0\r\n\r\n')],
  ['a trailer that is no field', chunked('4\r\nbody\r\n0\r\nnonsense\r\n\r\n')],
  ['a trailer that is too long', chunked(`4\r\nbody\r\n0\r\nX-Field: ${'a'.repeat(50_000)}\r\n\r\n`)],
  ['chunks that do not end', chunked('4\r\nbody\r\n')],
  [
    'chunks larger than the limit of the body',
    chunked(`${'2710\r\n'.concat('x'.repeat(10_000), '\r\n').repeat(3)}0\r\n\r\n`),
  ],
  // What HTTP would allow, but no path can be
  ['an escape that means nothing', lines('GET /%zz HTTP/1.1', HOST, 'Connection: close')],
  ['an escape of broken UTF-8', lines('GET /%ff%fe HTTP/1.1', HOST, 'Connection: close')],
  [
    'an expectation that nobody fulfils',
    lines('GET / HTTP/1.1', HOST, 'Expect: miracles', 'Connection: close'),
  ],
  [
    'an upgrade to what is not there',
    lines('GET /not/here HTTP/1.1', HOST, 'Connection: upgrade', 'Upgrade: teapot'),
  ],
]
