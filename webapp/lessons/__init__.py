"""Lessons: states of the product in an order that teaches something, with sentences; data that a teacher writes too."""

from webapp.lessons.figures import FigureError, Figures
from webapp.lessons.lesson import Lesson, LessonChoice, LessonQuestion, LessonStep
from webapp.lessons.reading import LessonError, LessonFolder, check, open_folder, open_lessons, read_lesson

__all__ = [
    "FigureError",
    "Figures",
    "Lesson",
    "LessonChoice",
    "LessonError",
    "LessonFolder",
    "LessonQuestion",
    "LessonStep",
    "check",
    "open_folder",
    "open_lessons",
    "read_lesson",
]
