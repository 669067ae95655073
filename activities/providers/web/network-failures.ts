import { errors } from 'undici';
import { StepFailure } from '../../frame/step-failure.js';
import type { FailureCode } from '../../../job-types/contract/failures.js';
import { errorCode } from '../error-code.js';

/** [code of the error, what it comes to, what is said after "elpais.com/ciencia"]; the first that matches counts. */
type Row = readonly [codes: RegExp, failure: FailureCode, says: string];

const rows: readonly Row[] = [
  [/^(ENOTFOUND|ENODATA)$/, 'host-not-found', 'has a host name that no name server knows'],
  [/^EAI_/, 'unreachable', 'could not be looked up: the name server gave no answer'],
  [/^ECONNREFUSED$/, 'unreachable', 'could not be fetched: the connection was refused'],
  [
    /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES)$/,
    'unreachable',
    'could not be fetched: its address cannot be reached',
  ],
  [
    /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    'fetch-timed-out',
    'could not be fetched: no connection came about in time',
  ],
  [/^UND_ERR_HEADERS_TIMEOUT$/, 'fetch-timed-out', 'could not be fetched: the server did not answer in time'],
  [/^UND_ERR_BODY_TIMEOUT$/, 'fetch-timed-out', 'stopped coming in the middle'],
  [
    /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/,
    'certificate-invalid',
    'was not fetched: its certificate was not accepted',
  ],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, 'unreachable', 'could not be fetched: no encrypted connection came about'],
  [/^ERR_BUFFER_TOO_LARGE$/, 'page-too-large', 'is larger than a page may be'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'page-refused', 'came with more header than is accepted'],
  [/^(HPE_|HTTPParserError)/, 'page-refused', 'was not answered in valid HTTP'],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|Z_BUF_ERROR|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(SOCKET|INFO|RES_))/,
    'unreachable',
    'broke off in the middle',
  ],
  [/^(Z_|ZSTD_|ERR_BROTLI|ERR_ZSTD|ERR__)/, 'unsupported-content', 'is not encoded as the server says'],
];

/** This one comes without its code. */
const parserError = (error: unknown): string | null =>
  error instanceof errors.HTTPParserError ? error.name : null;

/**
 * What an error of DNS, a socket, TLS, HTTP or a decoder comes to. An error that is none of them is handed back as
 * it is.
 */
export function networkFailure(error: unknown, where: string): unknown {
  if (error instanceof StepFailure) return error;
  const code = errorCode(error) ?? parserError(error);
  const row = code && rows.find(([codes]) => codes.test(code));
  if (!row) return error;
  const [, failure, says] = row;
  return new StepFailure(failure, `${where} ${says} (${code}).`, { cause: error });
}
