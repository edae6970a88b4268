// The parser for SDP handlers, in a file of its own: only pages with handlers load it.

export { parse, write } from 'sdp-transform';
