/** Loaded into a process whose memory is measured: on SIGCONT it gives back what it does not need. Needs --expose-gc. */
process.on('SIGCONT', () => globalThis.gc?.());
