/** An address the global setup left in the environment. @throws when the test file is not in test/server */
export function address(name: 'TEST_POSTGRES_URL' | 'TEST_TEMPORAL_ADDRESS'): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: tests that need servers belong into test/server.`);
  return value;
}

/** host:port of the Temporal server that all test files share; use a task queue of your own on it. */
export function temporalAddress(): string {
  return address('TEST_TEMPORAL_ADDRESS');
}
