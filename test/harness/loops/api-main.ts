import './register.js';

// The API as it runs in production, with the job type of the tests.
await import('../../../src/main.js');
