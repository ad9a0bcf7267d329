// Tells the bundle where its chunks are: beside module.js, wherever Grafana serves it from (a sub-path, a CDN).
import module from 'amd-module';

declare global {
  // The bundler's own variable.
  var __webpack_public_path__: string;
}

if (module.uri !== undefined) {
  __webpack_public_path__ = module.uri.slice(0, module.uri.lastIndexOf('/') + 1);
}
