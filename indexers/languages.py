"""The programming languages whose grammar is there: which nodes of its trees are definitions.

What a grammar calls its nodes is in its `node-types.json`.  Imports no grammar.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language; `grammar` is "module:function" of the wheel that holds its grammar."""

    name: str
    words: str  # as in "not Python source after all"
    suffixes: str
    grammar: str
    definitions: str  # types of nodes, space-separated

    @property
    def wheel(self) -> str:
        return self.grammar.partition(":")[0].replace("_", "-")


# Nodes that define something only where such a child is there, and is of such a type if any is named.
NEEDS: dict[str, tuple[str, frozenset[str]]] = {
    "struct_specifier": ("body", frozenset()),
    "union_specifier": ("body", frozenset()),
    "enum_specifier": ("body", frozenset()),
    "class_specifier": ("body", frozenset()),
    # A function that is given its name by an assignment.
    "variable_declarator": ("value", frozenset({"arrow_function", "function_expression", "class"})),
}
ECMASCRIPT = (
    "function_declaration generator_function_declaration class_declaration method_definition "
    "variable_declarator"
)
TYPESCRIPT = (
    ECMASCRIPT + " abstract_class_declaration interface_declaration type_alias_declaration enum_declaration "
    "internal_module"
)
C_TYPES = "function_definition struct_specifier union_specifier enum_specifier"

LANGUAGES = (
    Language(
        "python", "Python source", "py pyi pyw pyx", "tree_sitter_python:language",
        "class_definition function_definition",
    ),
    Language("c", "C source", "c h", "tree_sitter_c:language", C_TYPES),
    Language(
        "cpp", "C++ source", "cc cpp cxx hpp hh hxx", "tree_sitter_cpp:language",
        C_TYPES + " class_specifier namespace_definition concept_definition",
    ),
    Language(
        "csharp", "C# source", "cs", "tree_sitter_c_sharp:language",
        "namespace_declaration class_declaration struct_declaration interface_declaration "
        "enum_declaration record_declaration method_declaration constructor_declaration "
        "delegate_declaration",
    ),
    Language(
        "go", "Go source", "go", "tree_sitter_go:language",
        "function_declaration method_declaration type_spec",
    ),
    Language(
        "java", "Java source", "java", "tree_sitter_java:language",
        "class_declaration interface_declaration enum_declaration record_declaration "
        "annotation_type_declaration method_declaration constructor_declaration",
    ),
    Language("javascript", "JavaScript", "js mjs cjs jsx", "tree_sitter_javascript:language", ECMASCRIPT),
    Language(
        "typescript", "TypeScript", "ts cts", "tree_sitter_typescript:language_typescript",
        TYPESCRIPT,
    ),
    Language(
        "tsx", "TypeScript with markup", "tsx", "tree_sitter_typescript:language_tsx",
        TYPESCRIPT,
    ),
    Language(
        "kotlin", "Kotlin source", "kt kts", "tree_sitter_kotlin:language",
        "class_declaration object_declaration function_declaration",
    ),
    Language("lua", "Lua source", "lua", "tree_sitter_lua:language", "function_declaration"),
    Language(
        "php", "PHP source", "php", "tree_sitter_php:language_php",
        "function_definition class_declaration interface_declaration trait_declaration "
        "enum_declaration method_declaration",
    ),
    Language(
        "ruby", "Ruby source", "rb rake gemspec", "tree_sitter_ruby:language",
        "class module method singleton_method",
    ),
    Language(
        "rust", "Rust source", "rs", "tree_sitter_rust:language",
        "function_item struct_item enum_item union_item trait_item impl_item mod_item "
        "macro_definition",
    ),
    Language(
        "scala", "Scala source", "scala sc", "tree_sitter_scala:language",
        "class_definition object_definition trait_definition enum_definition function_definition",
    ),
    Language(
        "shell", "a shell script", "sh bash zsh ksh", "tree_sitter_bash:language", "function_definition",
    ),
    Language(
        "swift", "Swift source", "swift", "tree_sitter_swift:language",
        "class_declaration protocol_declaration function_declaration init_declaration",
    ),
)  # fmt: skip

BY_NAME = {language.name: language for language in LANGUAGES}
