/** @polvo/http/testing: for tests of applications. */
export { TestClient, type TestClientOptions, testClient } from './server/test-client.ts'
