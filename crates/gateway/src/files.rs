//! The demo page at `/` and the SDK at `/kandy-wasm/`.

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::MethodRouter,
};
use tower_http::services::ServeDir;

/// What the demo page may do. The SDK needs 'wasm-unsafe-eval' and nothing else that is unusual.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; \
                      media-src 'self' blob: mediastream:; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// The folders, as far as there are any; everything else goes to `otherwise`.
pub(crate) fn router(www: Option<&Path>, sdk: Option<&Path>, otherwise: MethodRouter) -> Router {
    let mut router = Router::new();
    if let Some(sdk) = sdk {
        router = router.nest_service("/kandy-wasm", folder(sdk, otherwise.clone()));
    }
    router = match www {
        Some(www) => router.fallback_service(folder(www, otherwise)),
        None => router.fallback_service(otherwise),
    };
    router.layer(from_fn(headers))
}

fn folder(path: &Path, otherwise: MethodRouter) -> ServeDir<MethodRouter> {
    ServeDir::new(path).call_fallback_on_method_not_allowed(true).fallback(otherwise)
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let lines: [(HeaderName, &'static str); 2] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Asked for again each time, but only sent if changed: a page and its engine must be of one version.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    for (name, value) in lines {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
