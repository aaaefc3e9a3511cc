"""Routes for supervisors and load balancers."""

from __future__ import annotations

from fastapi import APIRouter, Request

from unlatch.server.health import Readiness

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live", summary="Whether this process answers")
async def live() -> dict[str, str]:
    """Always the same, and nothing is asked of anybody: for a supervisor that restarts what hangs."""
    return {"status": "live"}


@router.get("/ready", summary="Whether this process can serve")
async def ready(request: Request) -> dict[str, str]:
    """503 while the database, its migrations or Redis are not there: for a load balancer."""
    readiness: Readiness = request.app.state.readiness
    await readiness.check()
    return {"status": "ready"}
