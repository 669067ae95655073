/** The status codes of gRPC that mean something to us, as https://grpc.io/docs/guides/status-codes numbers them. */
export const grpcCodes = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unavailable: 14,
} as const;
