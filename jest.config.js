/** The tests run compiled, from dist/test, as the modules they are: nothing is transformed. */
const common = {
  testEnvironment: 'node',
  transform: {},
  moduleFileExtensions: ['js', 'json', 'node'],
};

const project = (name) => ({
  ...common,
  displayName: name,
  rootDir: 'dist/test',
  testMatch: [`<rootDir>/${name}/**/*.test.js`],
});

export default {
  // Real servers on a busy machine; a condition that never comes fails earlier, with what it waited for.
  testTimeout: 180_000,
  projects: [
    project('fast'),
    {
      ...project('server'),
      testMatch: ['<rootDir>/{server,job-types}/**/*.test.js'],
      globalSetup: './harness/global-setup.js',
      globalTeardown: './harness/global-teardown.js',
    },
    project('stack'),
  ],
};
