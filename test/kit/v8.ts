// The WebAssembly interface of the engine that runs the tests, typed as far as the tests use it.

export interface V8Instance {
  exports: Record<string, unknown>;
}

interface V8Wasm {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => V8Instance;
}

declare const WebAssembly: V8Wasm;
const engine = WebAssembly;

/** The engine's verdict on a module. */
export function v8Validates(bytes: Uint8Array): boolean {
  return engine.validate(bytes);
}

/** A module compiled and instantiated. */
export function v8Instance(bytes: Uint8Array, imports: Record<string, Record<string, unknown>>): V8Instance {
  return new engine.Instance(new engine.Module(bytes), imports);
}
