"""The models being served: from the registry, checked, warm, and swapped as one reference.

A model comes from one of three places, and is verified and self-tested whichever it was:

``registry``   the version that carries the alias `champion` of the registered model ``esr-<endpoint>``
``cache``      the last good champion, while the registry cannot be reached or its champion is damaged
``folder``     ``ESR_BUNDLES/<endpoint>``, for a container that has no registry

Nothing that goes wrong while following the registry takes a loaded model away. MLflow is imported on first use.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data_schemas.errors import ModelError
from data_schemas.model.project import home, tracking_uri
from data_schemas.model.sealed import MANIFEST
from data_schemas.record import digest
from serving.models.backoff import Backoff
from serving.models.cache import Cache
from serving.models.loaded import LoadedModel, load_model, row_of
from serving.models.registry import Champion, Registry

# Faults of the bundle itself, which another look at the same version will find again.
OF_THE_BUNDLE = frozenset({"bundle_integrity", "schema_incompatible", "golden_mismatch"})


@dataclass(frozen=True)
class EndpointState:
    """What is known of one endpoint: the model that answers, and what went wrong last, each where there is one."""

    model: LoadedModel | None
    error: ModelError | None


class Store:
    """The champions of all endpoints.

    Parameters
    ----------
    uri
        MLflow tracking URI of the registry; by default the project's own.
    cache
        Folder for verified bundles; by default ``cache`` in the project's working folder.
    bundles
        Folder of bundles by endpoint id, instead of a registry; by default ``ESR_BUNDLES``, where set.

    Notes
    -----
    Safe to share between threads: readers take one reference, and `refresh` replaces it when the new model is proven.
    """

    def __init__(self, uri: str | None = None, cache: Path | None = None, bundles: Path | None = None) -> None:
        folder = os.environ.get("ESR_BUNDLES")
        self._bundles = bundles or (Path(folder) if folder and uri is None else None)
        self._registry = Registry(uri or tracking_uri())
        self._cache = Cache(cache or home() / "cache")
        self._states: Mapping[str, EndpointState] = {}
        self._backoff = Backoff()
        self._complete = False
        self._lock = threading.Lock()
        self.registry_error: ModelError | None = None

    @property
    def states(self) -> Mapping[str, EndpointState]:
        """What is known so far of each endpoint that has, or had, a registered model; no registry is asked."""
        return self._states

    def champion(self, endpoint_id: str) -> LoadedModel:
        """Return the model that answers for an endpoint.

        The registry is asked only before the first `refresh`, and then for this endpoint alone; afterwards this is a
        look-up.

        Raises
        ------
        ModelError
            `model_unavailable` where there is none, with the command that cures it; otherwise why it cannot be loaded.
        """
        state = self._states.get(endpoint_id)
        if state is None and not self._complete:
            with self._lock:
                self._follow((endpoint_id,))
            state = self._states.get(endpoint_id)
        if state is not None and state.model is not None:
            return state.model
        error = (state and state.error) or self.registry_error or _no_model(endpoint_id)
        raise ModelError(error.code, error.message)

    def refresh(self) -> None:
        """Follow the champions of all endpoints; what cannot be followed is noted in `states` and keeps serving."""
        with self._lock:
            self._follow(None)
            self._complete = True

    def version(self, endpoint_id: str, version: int) -> LoadedModel:
        """Return any registered version, verified and self-tested as a champion would be; nothing is swapped.

        Raises
        ------
        ModelError
            `unknown_version` with the known ones, or why it cannot be served.
        """
        with self._lock:
            return self._load(endpoint_id, self._registry.version(endpoint_id, version))

    def models(self) -> list[dict[str, Any]]:
        """Return one row per registered version, newest first: name, version, aliases, and what it was trained on.

        Raises
        ------
        ModelError
            `registry_unreachable`, `registry_corrupt`, or `model_unavailable` where there is no registry yet.
        """
        if self._bundles is not None:
            self.refresh()
            loaded = [state.model for state in self._states.values() if state.model is not None]
            return [row_of(model) for model in loaded]
        return self._registry.versions()

    # -- following ------------------------------------------------------------------------------------------------

    def _follow(self, wanted: tuple[str, ...] | None) -> None:
        if self._bundles is not None:
            self._follow_folder(self._bundles, wanted)
            return
        try:
            champions = self._registry.champions()
        except ModelError as error:
            self.registry_error = error
            for endpoint in wanted or self._cache.endpoints():
                if self._model(endpoint) is None:
                    self._set(endpoint, self._from_cache(endpoint), error)
            return
        self.registry_error = None
        for endpoint in wanted or sorted({*champions, *self._states}):
            champion = champions.get(endpoint)
            if champion is None:
                self._set(endpoint, self._model(endpoint), _no_champion(endpoint, endpoint in champions))
            else:
                self._follow_champion(endpoint, champion)

    def _follow_champion(self, endpoint: str, champion: Champion) -> None:
        current = self._model(endpoint)
        if current and current.version == champion.version and current.bundle.manifest_digest == champion.bundle:
            self._set(endpoint, current if current.source == "registry" else replace(current, source="registry"), None)
            return
        refusal = self._backoff.waiting(endpoint, champion)
        if refusal is not None:
            self._set(endpoint, current, refusal)
            return
        try:
            model = self._load(endpoint, champion)
        except ModelError as error:
            if error.code in OF_THE_BUNDLE:
                self._backoff.refused(endpoint, champion, error)
            self._set(endpoint, current or self._from_cache(endpoint), error)
            return
        self._backoff.forget(endpoint)
        self._cache.remember(endpoint, self._registry.uri, champion.version, model.bundle.manifest_digest)
        self._set(endpoint, model, None)

    def _load(self, endpoint: str, champion: Champion) -> LoadedModel:
        """Take the champion from the cache, or download it; only a proven bundle enters the cache."""
        cached = self._cache.bundle(champion.bundle)
        if cached.is_dir():
            try:
                return _proven(cached, endpoint, champion)
            except ModelError as error:
                if error.code != "bundle_integrity":
                    raise
        with self._cache.incoming() as folder:
            downloaded = self._registry.download(champion, folder)
            model = _proven(downloaded, endpoint, champion)
            place = self._cache.keep(downloaded, champion.bundle)
        return replace(model, bundle=replace(model.bundle, folder=place))

    def _from_cache(self, endpoint: str) -> LoadedModel | None:
        note = self._cache.remembered(endpoint, self._registry.uri)
        if note is None:
            return None
        try:
            model = load_model(self._cache.bundle(note.bundle), version=note.version, source="cache")
        except ModelError:
            return None
        return model if model.bundle.endpoint.id == endpoint else None

    def _follow_folder(self, bundles: Path, wanted: tuple[str, ...] | None) -> None:
        present = sorted(path.name for path in bundles.iterdir()) if bundles.is_dir() else []
        for endpoint in present if wanted is None else set(wanted).intersection(present):
            current = self._model(endpoint)
            try:
                manifest = bundles / endpoint / MANIFEST
                if current and manifest.is_file() and digest(manifest.read_bytes()) == current.bundle.manifest_digest:
                    self._set(endpoint, current, None)
                    continue
                model = load_model(bundles / endpoint)
                if model.bundle.endpoint.id != endpoint:
                    raise ModelError("bundle_integrity", f"{bundles / endpoint}: holds a model of another endpoint")
                self._set(endpoint, model, None)
            except ModelError as error:
                self._set(endpoint, current, error)

    def _model(self, endpoint: str) -> LoadedModel | None:
        state = self._states.get(endpoint)
        return state.model if state else None

    def _set(self, endpoint: str, model: LoadedModel | None, error: ModelError | None) -> None:
        self._states = {**self._states, endpoint: EndpointState(model, error)}


def _proven(folder: Path, endpoint: str, champion: Champion) -> LoadedModel:
    """Return the model of a folder if it is the one that was registered: its files, its scorecard, its endpoint."""
    try:
        model = load_model(folder, version=champion.version, source="registry")
    except ModelError as error:
        # the folder is a copy, gone in a moment; what is wrong is wrong with the version
        version = f"{champion.name} version {champion.version}"
        raise ModelError(error.code, error.message.replace(str(folder), version)) from None
    bundle = model.bundle
    if (bundle.manifest_digest, bundle.digest, bundle.endpoint.id) != (champion.bundle, champion.digest, endpoint):
        raise ModelError(
            "bundle_integrity",
            f"{champion.name} version {champion.version} is not the bundle that was registered under that number; "
            f"train again, or promote another version (`esr models {endpoint}` lists them)",
        )
    return model


def _no_model(endpoint: str) -> ModelError:
    cure = f"train one with `esr train {endpoint}`, then `esr promote {endpoint} VERSION`"
    return ModelError("model_unavailable", f"there is no model for {endpoint}; {cure}")


def _no_champion(endpoint: str, registered: bool) -> ModelError:
    if not registered:
        return _no_model(endpoint)
    return ModelError(
        "model_unavailable",
        f"no version of {endpoint} is champion; `esr models {endpoint}` lists the versions, "
        f"`esr promote {endpoint} VERSION` chooses one",
    )
